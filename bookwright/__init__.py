"""Bookwright makes books durably: an order goes in, a finished book comes out."""

__version__ = "0.1.0"
