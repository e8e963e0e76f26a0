"""Serving an ASGI application: connections are accepted, bounded in size and time, and ended in order."""
