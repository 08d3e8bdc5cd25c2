"""Things: what is to be found in a picture, and what figures hold."""
