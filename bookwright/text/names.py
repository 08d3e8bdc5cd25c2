"""Names of files that people download."""

import re
import unicodedata

LONGEST_BYTES = 120
"""File systems allow 255 bytes; a Devanagari letter takes three, and browsers add their own endings."""
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[0-9¹²³]) *(?:\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever ending they have."""


def file_name(title: str, suffix: str, *, number: int | None = None) -> str:
    """A title as a file name that every file system takes: `01 The River.mp3`.

    Letters of all scripts stay; separators, control characters and leading dots go.
    """
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" or char in '\\/:*?"<>|' else char for char in title)
    clean = re.sub(r"\s+", " ", kept).strip(" .")
    while len(clean.encode()) > LONGEST_BYTES:
        clean = clean[:-1].rstrip(" .")
    stem = clean or "Untitled"
    if number is not None:
        return f"{number:02d} {stem}.{suffix}"
    return f"{'_' if _DEVICE.match(stem) else ''}{stem}.{suffix}"
