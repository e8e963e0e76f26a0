"""What the public API, the control plane and the dashboard are made of: ASGI, without a framework."""
