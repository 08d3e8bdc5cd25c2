"""Speech-like audio for the emulators: cheap to make, plausible in length, and the same for the same text.

One track of voiced syllables is made once per sample rate and kept as base64. Base64 turns 3 bytes into 4 characters,
so a clip whose parts all begin and end on a multiple of 3 bytes is a slice of that track: no synthesis, no encoding.
"""

import base64
import hashlib
import struct
from functools import cache

import numpy as np

RATE = 22_050
"""Samples a second: what Bulbul answers when no rate is asked for."""
CHARS_PER_SECOND = 14
"""How fast the emulated voice reads at pace 1."""
_SYLLABLES = 360
_SYLLABLE_S = 0.18
_LEAD_S = 0.06
_TAIL_S = 0.18
_PEAK = 0.5


def wav_base64(text: str, rate: int = RATE, pace: float = 1.0) -> list[bytes]:
    """The pieces of a WAV file (mono, 16 bit, little endian) in base64; joined, they are the whole file.

    It lasts about `len(text) / 14 / pace` seconds, at least three syllables, and begins and ends with silence, as
    real engines do. A hash of the text is part of the file, so that different texts never give equal files.
    """
    track, syllable = _track(rate)
    count = max(3, round(len(text) / CHARS_PER_SECOND / pace / _SYLLABLE_S))
    lead, tail = _samples(_LEAD_S, rate), _samples(_TAIL_S, rate)
    digest = hashlib.sha256(text.encode()).digest()
    first = int.from_bytes(digest[-4:], "big") % _SYLLABLES
    pieces = [_header(rate, lead + count * syllable + tail, digest[:20]), b"A" * (lead * 8 // 3)]
    width = syllable * 8 // 3
    while count:
        run = min(count, _SYLLABLES - first)
        pieces.append(track[first * width : (first + run) * width])
        count -= run
        first = 0
    pieces.append(b"A" * (tail * 8 // 3))
    return pieces


def wav(text: str, rate: int = RATE, pace: float = 1.0) -> bytes:
    """The same WAV file as bytes."""
    return base64.b64decode(b"".join(wav_base64(text, rate, pace)))


def _samples(seconds: float, rate: int) -> int:
    """So many samples of 2 bytes that their bytes are a multiple of 3."""
    return round(seconds * rate / 3) * 3


def _header(rate: int, samples: int, mark: bytes) -> bytes:
    """RIFF, fmt and data headers; a JUNK chunk carries the 20 bytes of `mark`, which makes it 72 bytes (3 × 24)."""
    size = samples * 2
    return base64.b64encode(
        struct.pack("<4sI4s", b"RIFF", 64 + size, b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
        + struct.pack("<4sI20s", b"JUNK", 20, mark)
        + struct.pack("<4sI", b"data", size)
    )


@cache
def _track(rate: int) -> tuple[bytes, int]:
    """The syllables in base64, one after the other, and the samples of one. Each begins and ends at zero, so they can
    be cut and joined anywhere between them without a click."""
    random = np.random.default_rng(7)
    length = _samples(_SYLLABLE_S, rate)
    seconds = np.arange(length) / rate
    envelope = np.sin(np.pi * np.arange(length) / (length - 1)) ** 0.6
    syllables = np.empty((_SYLLABLES, length))
    for syllable in syllables:
        pitch = random.uniform(105, 185)
        formants = random.uniform((300, 900, 2200), (800, 2100, 3000))
        bend = 2 * np.pi * pitch * (seconds + random.uniform(-0.2, 0.2) * seconds**2)
        sound = np.zeros(length)
        for harmonic in range(1, int(min(4_000, rate / 2.5) / pitch)):
            nearness = np.exp(-(((formants - harmonic * pitch) / 220) ** 2)).sum()
            sound += (0.05 / harmonic + nearness) * np.sin(harmonic * bend)
        syllable[:] = sound * envelope * random.uniform(0.75, 1.0) / np.abs(sound).max()
    pcm = (syllables * _PEAK * 32_767).astype("<i2").tobytes()
    return base64.b64encode(pcm), length
