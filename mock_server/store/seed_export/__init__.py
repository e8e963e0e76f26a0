"""The present state of a world as the text of a seed file."""
