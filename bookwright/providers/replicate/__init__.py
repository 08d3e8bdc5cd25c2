"""Sounds and pictures by models that run at Replicate."""

from bookwright.providers.replicate.pictures import ReplicatePictures
from bookwright.providers.replicate.sounds import ReplicateSounds

__all__ = ["ReplicatePictures", "ReplicateSounds"]
