"""Oracles: what must hold of every exchange, whoever made it."""
