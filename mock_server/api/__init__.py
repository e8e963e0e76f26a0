"""The public REST API over HTTP. FastAPI declares the operations and makes the spec; `dispatch` serves them."""
