"""PDF editions, set by typst."""
