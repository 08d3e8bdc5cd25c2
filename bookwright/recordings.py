"""Recordings that come in: whether name, declared type and content agree, and whether the file is whole."""

import mmap
from pathlib import Path

from bookwright import sniff
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ingestion import RecordingKind

SUFFIXES = {
    ".mp3": RecordingKind.MP3,
    ".m4a": RecordingKind.MP4,
    ".m4b": RecordingKind.MP4,
    ".wav": RecordingKind.WAV,
    ".flac": RecordingKind.FLAC,
    ".ogg": RecordingKind.OGG,
    ".oga": RecordingKind.OGG,
    ".opus": RecordingKind.OGG,
}
DECLARED = {
    "audio/mpeg": RecordingKind.MP3,
    "audio/mp3": RecordingKind.MP3,
    "audio/mp4": RecordingKind.MP4,
    "audio/x-m4a": RecordingKind.MP4,
    "audio/x-m4b": RecordingKind.MP4,
    "audio/m4a": RecordingKind.MP4,
    "audio/wav": RecordingKind.WAV,
    "audio/x-wav": RecordingKind.WAV,
    "audio/wave": RecordingKind.WAV,
    "audio/vnd.wave": RecordingKind.WAV,
    "audio/flac": RecordingKind.FLAC,
    "audio/x-flac": RecordingKind.FLAC,
    "audio/ogg": RecordingKind.OGG,
    "audio/opus": RecordingKind.OGG,
    "application/ogg": RecordingKind.OGG,
}
UNDECLARED = ("", "application/octet-stream", "binary/octet-stream")
"""What senders say that don't know."""
_TAKEN = "MP3, M4A, M4B, WAV, FLAC, OGG or OPUS"
_LEAST_BOX = 8


def check_name(name: str, declared: str) -> RecordingKind:
    """The kind that a file says it is of. Raises BadInput for one that is not taken, or that contradicts itself."""
    said = SUFFIXES.get(Path(name).suffix.lower())
    if said is None:
        raise BadInput(f"the file's name is to end as one of {_TAKEN}", field="file")
    if declared not in UNDECLARED and DECLARED.get(declared) is not said:
        raise BadInput(f"the file is named as {said} and declared as another type: correct one of them", field="file")
    return said


def check_content(path: Path, said: RecordingKind) -> str:
    """The media type of a file that came whole. Its memory is that of the file's pages: constant. Blocking. Raises
    BadInput for what is not of this kind, or is cut."""
    if path.stat().st_size == 0:
        raise BadInput("the file is empty: 0 bytes came", field="file")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = sniff.kind(data[:16])
        if found is None or found not in list(RecordingKind):
            raise BadInput(f"the file holds no audio of a kind that is taken: {_TAKEN}", field="file")
        if found != said:
            raise BadInput(f"the file is named as {said} and holds {found}: name it as what it is", field="file")
        cut = _boxes_are_cut(data) if said is RecordingKind.MP4 else sniff.is_cut(data, found)
        if cut:
            raise BadInput("the file is cut off: its end is missing; send it again", field="file")
    return sniff.MEDIA_TYPES[found]


def _boxes_are_cut(data: mmap.mmap) -> bool:
    """An MP4 is a run of boxes, each with its length (ISO/IEC 14496-12, 4.2); one of them is the index, `moov`."""
    at, index = 0, False
    while at + _LEAST_BOX <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        index = index or name == b"moov"
        if size == 1:  # a 64-bit length follows
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size == 0:  # to the end of the file
            return not index
        if size < _LEAST_BOX:
            return True
        at += size
    return at != len(data) or not index
