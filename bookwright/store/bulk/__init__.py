"""What operators do to many jobs at once."""
