"""Driven runs and data assets: how they are told to go on, and how runners claim them."""
