"""Seed and scenario documents: YAML in, checked models out, every problem with its line and field."""
