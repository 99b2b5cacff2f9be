"""Who may see what: channels, memberships, roles."""
