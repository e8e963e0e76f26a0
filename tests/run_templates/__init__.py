"""Templates of results and logs: the language, its safety, and what runs leave."""
