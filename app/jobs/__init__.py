"""Work in the background that runs once among all servers."""
