"""Links that bring people in, and into channels."""
