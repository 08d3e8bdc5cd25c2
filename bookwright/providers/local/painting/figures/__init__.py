"""Figures: who is in a picture, looking the same on every page."""
