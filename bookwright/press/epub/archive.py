"""A zip file as EPUB wants it, the same bytes for the same content."""

import shutil
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_BLOCK = 1 << 20
_FILE_MODE = 0o644 << 16
_UNIX = 3
_FIRST_YEAR, _LAST_YEAR = 1980, 2107  # what a zip entry can say


class Archive:
    """Writes an EPUB's container. Every entry bears the same time; `mimetype` is first and not compressed."""

    def __init__(self, target: Path, modified: datetime) -> None:
        self._year = min(max(modified.year, _FIRST_YEAR), _LAST_YEAR)
        self._modified = modified
        self._zip = ZipFile(target, "w", ZIP_DEFLATED)
        self._add("mimetype", b"application/epub+zip", ZIP_STORED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def text(self, name: str, content: str) -> None:
        """Add a compressed file in UTF-8."""
        self._add(name, content.encode(), ZIP_DEFLATED)

    def stored(self, name: str, content: bytes) -> None:
        """Add a file that is compressed already."""
        self._add(name, content, ZIP_STORED)

    def copy(self, name: str, source: Path) -> None:
        """Add a file that is compressed already, block by block."""
        info = self._info(name, ZIP_STORED)
        info.file_size = source.stat().st_size  # so that one over 2 GiB gets the longer header
        with source.open("rb") as reader, self._zip.open(info, "w") as writer:
            shutil.copyfileobj(reader, writer, _BLOCK)

    def _add(self, name: str, content: bytes, method: int) -> None:
        self._zip.writestr(self._info(name, method), content)

    def _info(self, name: str, method: int) -> ZipInfo:
        at = self._modified
        info = ZipInfo(name, (self._year, at.month, at.day, at.hour, at.minute, at.second))
        info.compress_type = method
        info.external_attr = _FILE_MODE
        info.create_system = _UNIX
        return info
