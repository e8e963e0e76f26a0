"""The contract: requests and responses as pydantic models, field for field what the service and its SDK say."""
