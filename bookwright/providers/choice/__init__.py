"""Which engines are used: the one place that builds them from the settings."""

from bookwright.providers.choice.addresses import address
from bookwright.providers.choice.engines import Chosen, Engines, engines
from bookwright.providers.choice.voices import Voices, voices

__all__ = ["Chosen", "Engines", "Voices", "address", "engines", "voices"]
