"""The broker: hints between processes, which may be lost."""
