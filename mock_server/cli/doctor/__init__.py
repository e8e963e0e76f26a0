"""`codeocean-mock doctor`: checks of this machine and of a server."""
