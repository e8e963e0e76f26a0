"""Where a deployment's answers differ from the spec. Nothing is sent here, and no value is ever shown."""
