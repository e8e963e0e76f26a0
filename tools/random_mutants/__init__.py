"""Mutants that nobody chose: small changes of the product's source, drawn by a seed, each hunted by the contract suite.

A mutation counts when an answer of a fixed conversation differs with it: that is what a client could see. It runs in a
server of its own, whose other modules are the checkout's. The suite then has to see it: its short form, and the full.
"""
