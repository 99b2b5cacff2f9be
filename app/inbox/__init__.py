"""What each device has yet to learn: cursors, catching up, unread counts."""
