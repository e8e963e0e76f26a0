"""Flows that give every oracle something to judge, in the same way each time."""
