"""Binds reflowable EPUB 3 with media overlays."""

from bookwright.press.epub.press import EpubPress

__all__ = ["EpubPress"]
