"""The control plane: everything below `/_mock`. It steers the fake and is no part of the public API."""

from mock_server.control.plane import ROOT, ControlPlane, owns

__all__ = ["ROOT", "ControlPlane", "owns"]
