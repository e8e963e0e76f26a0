"""Reading a deployment, with requests that change nothing, into a seed file.

It knows the transport of the contract harness (the optional part `[contract]`), HTTP, and what a seed file is; of the
server it knows nothing.
"""
