"""Differences between a deployment's responses and the spec. Nothing is sent here, and no value is ever shown."""
