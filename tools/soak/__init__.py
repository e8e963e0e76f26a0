"""Soak the contract suite: whole runs with fresh seeds against the unchanged fake, of which none may fail."""
