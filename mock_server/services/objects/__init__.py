"""Real objects behind data assets: what is to be done in S3, who does it, and what comes of it."""
