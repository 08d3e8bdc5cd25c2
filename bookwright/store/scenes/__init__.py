"""A book's scenes, their soundscapes, and the spreads that could not be processed."""
