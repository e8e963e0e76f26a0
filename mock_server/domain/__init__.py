"""Pure rules: no I/O, no clock of its own, nothing but plain values in and out."""
