"""Multipart bodies, taken in as they come: one file into a scratch file, fields into memory, all within limits."""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from uuid import uuid4

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from bookwright.contracts.errors import BadInput, TooLarge
from bookwright.intake import SOURCE_LIMIT
from bookwright.store.database.failures import translating

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD_BYTES = 4096
PARTS = 16
OVERHEAD = PARTS * 2 * FIELD_BYTES
"""Bytes that a body may have besides its file."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


@dataclass
class Upload:
    """A file that has come in whole, and the fields that came with it. Whoever has it removes the file."""

    path: Path
    name: str = ""
    """What the sender called it, without folders; for people, never a path here."""
    declared: str = ""
    """The media type that the sender says it has."""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    content: str = ""
    """The hexadecimal SHA-256 of the file."""

    @property
    def digest(self) -> str:
        """Stands for everything that came: the same upload has the same digest."""
        whole = repr((self.name, self.declared, self.content, sorted(self.fields.items())))
        return hashlib.sha256(whole.encode()).hexdigest()


Heard = Callable[[Upload], Awaitable[None]]


async def receive(request: Request, folder: Path, *, limit: int | None = None, heard: Heard | None = None) -> Upload:
    """Take the body in; the file, of at most `limit` bytes (SOURCE_LIMIT when left out), lies in `folder` under a name
    of ours. Whatever goes wrong, nothing stays there. `heard` is called after each chunk once the file has begun, with
    what has come so far.

    Raises TooLarge as soon as too much has come, HTTPException 415 for another kind of body and 408 for a stalled one,
    BadInput for a broken or cut one, unknown fields or no file, StorageFull."""
    limit = SOURCE_LIMIT if limit is None else limit
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise HTTPException(415)
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > limit + OVERHEAD:
        raise _too_large(limit)
    upload = Upload(folder / f"{uuid4().hex}.upload")
    try:
        with translating(), upload.path.open("wb", buffering=1 << 20) as file:
            await _parse(request, _Parts(upload, file, limit), options[b"boundary"], limit, heard)
    except BaseException:
        upload.path.unlink(missing_ok=True)
        raise
    return upload


async def _parse(request: Request, parts: "_Parts", boundary: bytes, limit: int, heard: Heard | None) -> None:
    total = 0
    try:
        parser = MultipartParser(boundary, parts.callbacks, max_header_size=FIELD_BYTES)
        async for chunk in chunks(request):
            total += len(chunk)
            if total > limit + OVERHEAD:
                raise _too_large(limit)
            parser.write(chunk)
            if heard and parts.has_file:
                await heard(parts.upload)
        parser.finalize()
    except FormParserError:
        raise BadInput("the body is not a whole multipart form", field="body") from None
    parts.check()


async def chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises BadInput when the sender is gone before its end."""
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect:
        raise BadInput("the upload was broken off", field="body") from None


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the file is larger than {limit // 2**20} MiB: split it")


class _Parts:
    """What the parser has found so far."""

    def __init__(self, upload: Upload, file: BinaryIO, limit: int) -> None:
        self.upload = upload
        self._file = file
        self._limit = limit
        self._hash = hashlib.sha256()
        self._name = ""
        self._value = bytearray()
        self._header = [b"", b""]
        self._headers: dict[bytes, bytes] = {}
        self._count = 0
        self._in_file = self.has_file = self._ended = False
        self.callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._on_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._on_header(1, data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def check(self) -> None:
        """Raise BadInput unless the body came whole and had a file."""
        if not self._ended:
            raise BadInput("the body is not a whole multipart form", field="body")
        if not self.has_file:
            raise BadInput("hand in one part called file, with a file name", field="file")

    def _begin(self) -> None:
        self._count += 1
        if self._count > PARTS:
            raise BadInput(f"the body has more than {PARTS} parts", field="body")
        self._headers, self._value = {}, bytearray()

    def _on_header(self, which: int, data: bytes) -> None:
        self._header[which] += data

    def _header_end(self) -> None:
        self._headers[self._header[0].lower()] = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._in_file = b"filename" in options
        if not self._in_file:
            return
        if self._name != "file" or self.has_file:
            raise BadInput("hand in one file, as the part called file", field="file")
        self.has_file = True
        name = options[b"filename"].decode("utf-8", "replace")
        self.upload.name = _UNPRINTABLE.sub("", re.split(r"[/\\]", name)[-1])
        declared, _ = parse_options_header(self._headers.get(b"content-type"))
        self.upload.declared = declared.decode("latin-1").lower()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._in_file:
            self._value += data[start:end]
            if len(self._value) > FIELD_BYTES:
                raise BadInput(f"a field has more than {FIELD_BYTES} bytes", field=self._name)
            return
        self.upload.size += end - start
        if self.upload.size > self._limit:
            raise _too_large(self._limit)
        self._hash.update(data[start:end])
        self._file.write(data[start:end])

    def _part_end(self) -> None:
        if self._in_file:
            return
        if self._name in self.upload.fields:
            raise BadInput("the field was given twice", field=self._name)
        try:
            self.upload.fields[self._name] = self._value.decode()
        except UnicodeDecodeError:
            raise BadInput("the field is not UTF-8", field=self._name) from None

    def _end(self) -> None:
        self.upload.content = self._hash.hexdigest()
        self._ended = True
