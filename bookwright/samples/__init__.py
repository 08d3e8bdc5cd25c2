"""The sample book: an original story written for Bookwright, in English and in Hindi."""

from importlib.resources import files

SAMPLES = ("the-borrowed-lantern.en.md", "the-borrowed-lantern.hi.md")


def read_sample(name: str) -> bytes:
    """The bytes of one of SAMPLES."""
    return (files(__name__) / name).read_bytes()
