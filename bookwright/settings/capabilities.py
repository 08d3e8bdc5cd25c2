"""What Bookwright has done by others, and who offers which of it."""

from collections.abc import Iterable
from enum import StrEnum


class Provider(StrEnum):
    """Whose engines there are. `local` is what Bookwright brings along."""

    LOCAL = "local"
    PIPER = "piper"
    WHISPER = "whisper"
    SARVAM = "sarvam"
    EDGE = "edge"
    ELEVENLABS = "elevenlabs"
    GEMINI = "gemini"
    OPENAI = "openai"
    """OpenAI, and every server that speaks its protocol."""
    REPLICATE = "replicate"
    REVAI = "revai"


class Capability(StrEnum):
    """What is chosen by itself: for each a list of providers, of whom the later ones stand in for the earlier ones."""

    SPEECH = "speech"
    TEXT = "text"
    VISION = "vision"
    IMAGES = "images"
    SOUNDS = "sounds"
    TRANSCRIPTION = "transcription"
    EMBEDDINGS = "embeddings"

    @property
    def variable(self) -> str:
        """The variable that it is chosen by."""
        return f"BOOKWRIGHT_{self.name}"


Chain = tuple[Provider, ...]
"""Who does it, first choice first; empty is nobody."""
OFF = "off"

OFFERS: dict[Capability, Chain] = {
    Capability.SPEECH: (Provider.LOCAL, Provider.PIPER, Provider.SARVAM, Provider.EDGE, Provider.OPENAI),
    Capability.TEXT: (Provider.LOCAL, Provider.GEMINI, Provider.OPENAI),
    Capability.VISION: (Provider.GEMINI, Provider.OPENAI),
    Capability.IMAGES: (Provider.LOCAL, Provider.GEMINI, Provider.REPLICATE, Provider.OPENAI),
    Capability.SOUNDS: (Provider.LOCAL, Provider.REPLICATE, Provider.ELEVENLABS),
    Capability.TRANSCRIPTION: (Provider.WHISPER, Provider.REVAI, Provider.OPENAI),
    Capability.EMBEDDINGS: (Provider.LOCAL, Provider.GEMINI, Provider.OPENAI),
}
"""Who offers what."""


def parse_chain(capability: Capability, wanted: object) -> Chain:
    """`sarvam,local` as a chain; `off` alone is the empty one. Raises ValueError naming what there is, and never what
    was given: somebody may have pasted a key."""
    if not isinstance(wanted, str):
        if isinstance(wanted, Iterable):
            return tuple(Provider(name) for name in wanted)
        raise ValueError("is to be a list of names, such as local")
    offered = OFFERS[capability]
    may_be_off = capability is not Capability.SPEECH
    names = [name.strip().lower() for name in wanted.split(",") if name.strip()]
    if names == [OFF] and may_be_off:
        return ()
    if not names or any(name not in offered for name in names):
        raise ValueError(f"choose from {', '.join((*offered, OFF) if may_be_off else offered)}, the first choice first")
    if len(set(names)) < len(names):
        raise ValueError("a provider is named twice")
    return tuple(Provider(name) for name in names)
