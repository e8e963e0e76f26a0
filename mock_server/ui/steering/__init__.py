"""Pages and forms that steer worlds: their clocks, faults, scenarios and snapshots, and the worlds themselves."""
