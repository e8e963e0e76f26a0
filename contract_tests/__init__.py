"""The contract harness: tells whether a deployment of the Code Ocean API, fake or real, keeps the contract.

A black box: it knows HTTP, the official SDK, the spec, and the client of the fake's control plane.
"""
