"""A ZIP file that is never written: its members are stored files, copied as they are while it is sent.

Nothing is compressed, so every byte's place is known before the first is sent, and any range can be answered.
"""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from bookwright.contracts.errors import BadInput

_BLOCK = 1 << 20
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _UTF8, _STORED = 20, 0x800, 0
_DATE = (1980 - 1980) << 9 | 1 << 5 | 1  # the first that the format has: the same files give the same ZIP
_LARGEST = 0xFFFFFFFF - (1 << 20)


class Member(NamedTuple):
    """A file of the ZIP: bytes, or a path that never gets other content."""

    name: str
    content: Path | bytes
    size: int


def zipped_size(names: Iterable[tuple[str, int]]) -> int:
    """The length in bytes of the ZIP of files with these names and lengths."""
    about = _LOCAL.size + _CENTRAL.size
    return _END.size + sum(about + 2 * len(name.encode()) + size for name, size in names)


class Zipped:
    """The ZIP of some files. Blocking to make: each file is read once for its checksum, and that is remembered."""

    def __init__(self, members: Sequence[Member]) -> None:
        """Raises BadInput for more than ZIP files without extensions hold."""
        if sum(member.size for member in members) > _LARGEST or len(members) >= 0xFFFF:
            raise BadInput("the files are too many or too large for one ZIP file: fetch them singly", field="edition")
        self._parts: list[tuple[bytes | Path, int]] = []
        directory = b""
        offset = 0
        for member in members:
            name = member.name.encode()
            about = (_UTF8, _STORED, 0, _DATE, _checksum(member.content), member.size, member.size, len(name), 0)
            head = _LOCAL.pack(b"PK\x03\x04", _VERSION, *about) + name
            made_by = (_VERSION, _VERSION)
            directory += _CENTRAL.pack(b"PK\x01\x02", *made_by, *about, 0, 0, 0, 0, offset) + name
            self._parts += [(head, len(head)), (member.content, member.size)]
            offset += len(head) + member.size
        count = len(members)
        tail = directory + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
        self._parts.append((tail, len(tail)))
        self.size = offset + len(tail)

    async def read(self, first: int, last: int) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included, in blocks."""
        at = 0
        for part, size in self._parts:
            begin, end = max(first - at, 0), min(last + 1 - at, size)
            at += size
            if begin >= end:
                continue
            if isinstance(part, bytes):
                yield part[begin:end]
                continue
            with part.open("rb") as file:
                file.seek(begin)
                while begin < end:
                    block = await asyncio.to_thread(file.read, min(_BLOCK, end - begin))
                    if not block:
                        raise OSError("a file became shorter while it was sent")
                    begin += len(block)
                    yield block


def _checksum(content: Path | bytes) -> int:
    return zlib.crc32(content) if isinstance(content, bytes) else _checksum_of_file(content)


@lru_cache(maxsize=4096)
def _checksum_of_file(path: Path) -> int:
    found = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found = zlib.crc32(block, found)
    return found
