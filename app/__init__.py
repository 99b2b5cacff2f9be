"""Maru: a self-hosted chat. The folders are the features; `factory.py` wires them."""
