"""Templates of result files and logs: what may be written, what is wrong in one, and what a run makes of it.

The syntax is jinja2's, and so is the parser. What it gives is evaluated here, node by node: nothing is turned into
Python code, no attribute of a Python object can be reached, and all work is counted. No I/O.
"""
