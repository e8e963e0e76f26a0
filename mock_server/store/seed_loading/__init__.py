"""Loading a seed file into an empty database."""
