"""The journal in the browser: requests, each by itself, how something was polled, and what was never called."""
