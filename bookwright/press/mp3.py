"""MP3 files frame by frame: ISO 11172-3 and 13818-3, layer III, mono, and the Info frame that LAME puts before them.

No frame here leans on one before it (the bit reservoir is off), so that frames can be copied from file to file.
"""

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av

from bookwright.contracts.errors import AssetCorrupt
from bookwright.press.encoding import gone_on_failure
from bookwright.press.jacket import Jacket

DELAY = 1_105
"""Samples by which a decoder's output is late: 576 of LAME's, 529 of any decoder's."""
_LAME_DELAY = 576
_RATES = {0xFB: (44_100, 48_000, 32_000), 0xF3: (22_050, 24_000, 16_000)}
"""By the second byte: MPEG 1 and MPEG 2, layer III, without checksum."""
_KBITS = {
    0xFB: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    0xF3: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SIDE_INFO = {0xFB: 17, 0xF3: 9}
_MONO = 0xC4
_INFO = struct.Struct(">4s I I I 100s I 9s B 9x B B 3s 4x I 2x H")
"""After the side information: name, fields, frames, bytes, table of contents, quality; then LAME's: version, method,
flags, bit rate, delay and padding, bytes again, checksum."""


def frame_samples(rate: int) -> int:
    """Samples in a frame at `rate`."""
    return 1152 if rate >= 32_000 else 576


class Frames(NamedTuple):
    """An MP3 file's frames, the Info frame left out."""

    data: bytes
    offsets: tuple[int, ...]
    """Where each frame begins in `data`, and where the last one ends."""
    rate: int
    samples: int
    """The length of the sound, without delay and padding."""

    @property
    def duration_ms(self) -> int:
        return round(self.samples * 1000 / self.rate)

    @property
    def number(self) -> int:
        """How many frames there are."""
        return len(self.offsets) - 1

    def first(self, count: int) -> bytes:
        """The first `count` frames."""
        return self.data[self.offsets[0] : self.offsets[count]]


def read(path: Path) -> Frames:
    """The frames of a file that `write` made without tags. Raises AssetCorrupt for anything else."""
    data = path.read_bytes()
    offsets, at = [], 0
    while at + 4 <= len(data):
        offsets.append(at)
        at += _frame_bytes(data, at)
    if at != len(data) or len(offsets) < 2:
        raise AssetCorrupt("A page's MP3 is not made of whole frames.")
    kind = data[1]
    name, _, frames, *_, trim, _, _ = _INFO.unpack_from(data, 4 + _SIDE_INFO[kind])
    rate = _RATES[kind][data[2] >> 2 & 3]
    if name != b"Info" or frames != len(offsets) - 1:
        raise AssetCorrupt("A page's MP3 does not begin with the frame that says how long it is.")
    padding = int.from_bytes(trim, "big") & 0xFFF
    return Frames(data, (*offsets[1:], at), rate, frames * frame_samples(rate) - _LAME_DELAY - padding)


def write(
    target: Path, rate: int, bit_rate: int, runs: Iterable[tuple[bytes, int]], samples: int, jacket: Jacket
) -> None:
    """Write `runs`, each of whole frames and their number, that hold `samples` samples after DELAY. Leaves no file
    when anything is raised, also by `runs`."""
    tagged = "3" if jacket.tags else "0"
    options = {"fflags": "+bitexact", "id3v2_version": tagged, "write_xing": "0"}
    frames = size = 0
    with gone_on_failure(target):
        with av.open(str(target), "w", format="mp3", options=options) as container:
            stream = container.add_mux_stream("mp3", rate=rate)
            cover = jacket.put_on(container)
            if jacket.tags:
                container.metadata["language"] = jacket.language
            if cover is not None:
                container.mux(cover)
            head = len(_info(rate, bit_rate, 0, 0, 0))
            for data, count in [(bytes(head), 0), *runs]:
                packet = av.Packet(data)
                packet.stream = stream
                packet.time_base = Fraction(1, rate)
                packet.pts = packet.dts = frames * frame_samples(rate)
                container.mux(packet)
                frames += count
                size += len(data)
        with target.open("r+b") as file:
            file.seek(_tag_bytes(file.read(10)))
            file.write(_info(rate, bit_rate, frames, size, samples))


def _frame_bytes(data: bytes | bytearray, at: int) -> int:
    kind, rates = data[at + 1], data[at + 2]
    if data[at] != 0xFF or kind not in _RATES or rates >> 4 in (0, 15) or rates >> 2 & 3 == 3:
        raise AssetCorrupt("A page's MP3 holds something else between its frames.")
    rate, kbits = _RATES[kind][rates >> 2 & 3], _KBITS[kind][rates >> 4]
    return frame_samples(rate) // 8 * kbits * 1000 // rate + (rates >> 1 & 1)


def _tag_bytes(head: bytes) -> int:
    """The length of the ID3 tag that begins with these 10 bytes."""
    if head[:3] != b"ID3":
        return 0
    return 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])


def _info(rate: int, bit_rate: int, frames: int, size: int, samples: int) -> bytes:
    """The Info frame: a silent frame that says how many follow, and how much of their sound is delay and padding."""
    kind = next(kind for kind, rates in _RATES.items() if rate in rates)
    kbits = bit_rate // 1000
    frame = bytearray((0xFF, kind, _KBITS[kind].index(kbits) << 4 | _RATES[kind].index(rate) << 2, _MONO))
    frame += bytes(_frame_bytes(frame, 0) - len(frame))
    padding = max(frames * frame_samples(rate) - _LAME_DELAY - samples, 0)
    trim = (_LAME_DELAY << 12 | padding).to_bytes(3, "big")
    contents = bytes(index * 256 // 100 for index in range(100))
    at = 4 + _SIDE_INFO[kind]
    fields = (b"Info", 0xF, frames, size, contents, 0, b"LAME3.100", 1, 0, min(kbits, 255), trim, size)
    _INFO.pack_into(frame, at, *fields, 0)
    end = at + _INFO.size - 2
    struct.pack_into(">H", frame, end, _crc16(frame[:end]))
    return bytes(frame)


def _crc16(data: bytearray) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
