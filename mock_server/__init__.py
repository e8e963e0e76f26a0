"""A local, stateful fake of the Code Ocean REST API."""

__version__ = "0.1.0"
