"""The search index: what is kept of an object so that searches find it, written with the object."""
