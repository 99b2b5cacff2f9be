"""Live connections: protocol (no I/O), hub, WebSocket, long poll."""
