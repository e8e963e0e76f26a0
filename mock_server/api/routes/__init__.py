"""The operations of the public API, one module for each resource."""
