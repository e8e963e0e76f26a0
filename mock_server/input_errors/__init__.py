"""What pydantic found wrong in an input: where, and what, in the terms of whoever wrote it."""
