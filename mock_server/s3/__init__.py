"""Real S3: endpoints, what is done with objects on them, and a server of its own. Nothing here knows of worlds.

It needs the extra `codeocean-mock[s3]`, and nobody imports it who does not use S3. Everything blocks: call it from a
thread.
"""
