"""Books, their pages and files."""
