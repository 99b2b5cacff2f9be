"""The message store: what was said, who may see it, and in which order."""
