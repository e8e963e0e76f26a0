"""What executes runs: a file for each engine."""
