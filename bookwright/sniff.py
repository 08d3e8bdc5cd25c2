"""What kind of audio or picture some bytes are, told by their content, and whether they are all there."""

import struct
from mmap import MADV_DONTNEED, PAGESIZE, mmap

_LAYER3_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LAYER3_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_V1 = (44_100, 48_000, 32_000)
_OPEN_ENDED = 0x7FFF_F000
"""A RIFF size of 0 or from here on means that the writer did not know the length, as when it wrote to a pipe."""
_HELD_BYTES = 16 << 20
"""Pages of a file that were looked at count as memory of this process until they are given back."""
MEDIA_TYPES = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "mp4": "audio/mp4",
}
"""The media type of each kind of audio."""


def kind(data: bytes) -> str | None:
    """`wav`, `flac`, `ogg`, `mp3`, `aac` or `mp4` (the names of FFmpeg's demuxers); None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"fLaC":
        return "flac"
    if data[:4] == b"OggS":
        return "ogg"
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:3] == b"ID3" or _mp3_frame(data, 0):
        return "mp3"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return "aac"
    return None


def is_cut(data: bytes | mmap, form: str) -> bool:
    """True when the container itself shows that the end of `data` is missing. False is no proof of completeness."""
    if form == "wav":
        return _riff_is_cut(data)
    if form == "mp3":
        return _mp3_is_cut(data)
    if form == "ogg":
        return _ogg_is_cut(data)
    return False


def flac_samples(data: bytes) -> int:
    """The samples per channel that a FLAC's STREAMINFO promises; 0 when it doesn't say (RFC 9639, section 8.2)."""
    return int.from_bytes(data[21:26], "big") & 0xF_FFFF_FFFF if len(data) >= 26 else 0


def picture(data: bytes) -> str | None:
    """`image/png`, `image/jpeg`, `image/webp` or `image/gif`; None for anything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    return None


def picture_is_cut(data: bytes, media_type: str) -> bool:
    """True when the end of the picture is missing. Bytes after the end are let pass, as decoders do."""
    if media_type == "image/png":
        return b"IEND\xae\x42\x60\x82" not in data[-1_024:]
    if media_type == "image/jpeg":
        return b"\xff\xd9" not in data[-1_024:]
    if media_type == "image/gif":
        return not data.rstrip().endswith(b"\0;")
    return _riff_is_cut(data)


def _riff_is_cut(data: bytes | mmap) -> bool:
    """WAV and WebP say at their head how long they are."""
    declared = int.from_bytes(data[4:8], "little")
    return 0 < declared < _OPEN_ENDED and len(data) < declared + 8


def _mp3_frame(data: bytes | mmap, at: int) -> int:
    """The length in bytes of the MPEG layer III frame whose header is at `at`; 0 when there is none."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE6 != 0xE2:
        return 0
    version = data[at + 1] >> 3 & 3  # 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
    bit_rate, rate = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or bit_rate in (0, 15) or rate == 3:
        return 0
    kbit = (_LAYER3_V1 if version == 3 else _LAYER3_V2)[bit_rate]
    hertz = _RATES_V1[rate] // {3: 1, 2: 2, 0: 4}[version]
    return (144_000 if version == 3 else 72_000) * kbit // hertz + (data[at + 2] >> 1 & 1)


def _mp3_is_cut(data: bytes | mmap) -> bool:
    at = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
        at = 10 + size + (10 if data[5] & 0x10 else 0)
    first, frames, released = at, 0, 0
    while length := _mp3_frame(data, at):
        if at + length > len(data):
            return True
        at += length
        frames += 1
        if isinstance(data, mmap) and at > released + _HELD_BYTES:
            released = at // PAGESIZE * PAGESIZE
            data.madvise(MADV_DONTNEED, 0, released)
    if at + 4 > len(data) and data[at : at + 1] == b"\xff":
        return True  # cut inside a frame's header
    return frames == 0 or frames < _mp3_promise(data[first : first + 200])


def _mp3_promise(frame: bytes) -> int:
    """The frames that an encoder's `Xing` or `Info` header promises, itself left out."""
    place = max(frame.find(b"Xing"), frame.find(b"Info"))
    if place < 0 or len(frame) < place + 12:
        return 0
    flags, frames = struct.unpack(">II", frame[place + 4 : place + 12])
    return frames if flags & 1 else 0


def _ogg_is_cut(data: bytes | mmap) -> bool:
    """An Ogg stream ends with a whole page that is marked as its last (RFC 3533, section 6)."""
    page = data.rfind(b"OggS")
    if page + 27 > len(data):
        return True
    lacing = data[page + 27 : page + 27 + data[page + 26]]
    complete = page + 27 + data[page + 26] + sum(lacing) <= len(data)
    return not (complete and data[page + 5] & 4)
