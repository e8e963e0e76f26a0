"""Scenarios: what real users do with a deployment, through the official SDK."""
