"""What the fixed conversation sends beside the scripts of `tools.replay`: places where two rules differ by little."""
