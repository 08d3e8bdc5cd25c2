"""Searching passages: full text and vectors, on both databases."""
