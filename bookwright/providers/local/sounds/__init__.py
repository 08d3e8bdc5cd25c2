"""Soundscapes made by numpy: noise in the colours of a place, weather and mood, and the sounds that are heard in it."""

from bookwright.providers.local.sounds.engine import LocalSounds

__all__ = ["LocalSounds"]
