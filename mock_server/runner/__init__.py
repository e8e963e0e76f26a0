"""The runner: claims driven runs from a server, executes the folders of their capsules, and reports how they go on and
end (docs/running-code.md). It knows the control plane's client and nothing of the server.
"""
