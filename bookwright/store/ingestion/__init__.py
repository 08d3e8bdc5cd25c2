"""Uploads, recordings, and what becomes of them."""
