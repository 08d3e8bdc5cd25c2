"""How words of books are said."""
