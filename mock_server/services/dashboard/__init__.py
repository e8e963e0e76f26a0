"""What the dashboard alone asks: what needs attention in a world, and two runs compared."""
