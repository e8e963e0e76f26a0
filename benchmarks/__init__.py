"""Measurements of speed, side by side with a bare FastAPI route and with moto. Run with `make bench`."""
