"""Snapshots: kept, packed for another server, and opened wherever they come from."""
