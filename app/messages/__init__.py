"""What was said: send, edit, delete, page."""
