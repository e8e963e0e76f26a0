"""The dashboard: everything below `/_ui`. It shows the worlds and steers them, over the services, in a browser."""

from mock_server.ui.paths import ROOT, owns

__all__ = ["ROOT", "owns"]
