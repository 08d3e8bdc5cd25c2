"""Resumable uploads as tus 1.0 has them: bytes are appended to a scratch file, whatever breaks in between.

Source: https://tus.io/protocols/resumable-upload (core, creation, termination, checksum, expiration).
"""

import base64
import binascii
import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fastapi import Request

from api.orders.multipart import chunks
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ingestion import Upload
from bookwright.store.database.failures import translating

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
ALGORITHMS = ("sha1", "sha256", "md5")
CONTENT = "application/offset+octet-stream"
_LONGEST_METADATA = 4096


class Busy(Exception):
    """Somebody else is sending to this file."""


class WrongOffset(Exception):
    """The bytes would not follow those that are there."""


class WrongChecksum(Exception):
    """The bytes are not those that were sent; none of them was kept."""


def part_path(scratch: Path, file: str) -> Path:
    """Where the bytes of a file lie until it is whole. `file` is an id of ours."""
    return scratch / f"{file}.part"


def drop_parts(scratch: Path, session: Upload) -> None:
    """Remove what has come of a session's files that are not whole."""
    for file in session.files:
        part_path(scratch, file.file_id).unlink(missing_ok=True)


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a name and a base64 value, or a name alone. Raises BadInput."""
    if len(header) > _LONGEST_METADATA:
        raise BadInput("Upload-Metadata is too long", field="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadInput("Upload-Metadata: values are base64 of UTF-8", field="Upload-Metadata") from None
    return found


def length(headers: Mapping[str, str], name: str) -> int:
    """A header that is a count of bytes. Raises BadInput."""
    value = headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) < 16):
        raise BadInput(f"{name}: give a number of bytes", field=name)
    return int(value)


async def append(request: Request, path: Path, offset: int, size: int) -> int:
    """Append the body to the file at `path`, which has `offset` bytes and will have `size`; answers how many it has
    now. What came before a break is kept, unless a checksum was announced. Raises Busy, WrongOffset, WrongChecksum,
    BadInput for more bytes than the file is to have, StorageFull."""
    wanted = _checksum(request.headers.get("upload-checksum"))
    with _held(path) as file:
        file.seek(0, os.SEEK_END)
        if file.tell() != offset:
            raise WrongOffset
        at = offset
        try:
            async for chunk in chunks(request):
                at += len(chunk)
                if at > size:
                    raise BadInput(f"more bytes come than Upload-Length, {size}, says", field="Upload-Length")
                if wanted:
                    wanted[0].update(chunk)
                with translating():
                    file.write(chunk)
            if wanted and wanted[0].digest() != wanted[1]:
                raise WrongChecksum
        except BadInput as broken:
            if wanted or broken.field != "body":
                file.truncate(offset)
            raise
        except WrongChecksum:
            file.truncate(offset)
            raise
        return at


def _checksum(header: str | None) -> "tuple[hashlib._Hash, bytes] | None":
    """The hash to compute and what it is to come to. Raises BadInput."""
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        wanted = base64.b64decode(value, validate=True)
    except binascii.Error:
        wanted = b""
    if algorithm not in ALGORITHMS or not wanted:
        names = ", ".join(ALGORITHMS)
        raise BadInput(f"Upload-Checksum: give one of {names} and its value in base64", field="Upload-Checksum")
    return hashlib.new(algorithm, usedforsecurity=False), wanted


@contextmanager
def _held(path: Path) -> Iterator[BinaryIO]:
    """The file, for one at a time on this machine; the system lets go of it when its process dies."""
    with translating(), path.open("ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield file
