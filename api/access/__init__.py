"""Who may do what: keys, sessions, signed URLs, limits."""
