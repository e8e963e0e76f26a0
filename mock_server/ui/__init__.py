"""The dashboard: everything below `/_ui`. It shows the worlds and steers them, over the services, in a browser."""

from mock_server.ui.dashboard import Dashboard, owns
from mock_server.ui.paths import ROOT

__all__ = ["ROOT", "Dashboard", "owns"]
