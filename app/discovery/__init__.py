"""Which chat server a client should use, and whether this one is well."""
