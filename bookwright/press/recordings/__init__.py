"""Recordings that were handed in: surveyed once, and then read where they are heard."""
