"""An S3-compatible bucket as a local server (path style), faithful to what obstore sends and expects.

`PUT`, `GET`, `HEAD`, `DELETE /{bucket}/{key}`, multipart uploads, list v2, delete of many, `If-None-Match: *`, ranges;
every request must carry a right Signature Version 4 with the access key `emulated` and the knob `key` as secret. Any
bucket exists. The knob `capacity_bytes` says when it is full (507 `XMinioStorageFull`, as MinIO says). Faults know a
request as `PUT /bucket/key`; a STATUS fault with the code `SlowDown` is what S3 says to too many requests.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators import sigv4
from emulators.control import control_routes, expose_transport
from emulators.endpoint import Body, Endpoint, Refusal
from emulators.knobs import Board, Fault, Knobs

ACCESS_KEY = "emulated"
"""The one access key id; its secret is the knob `key`."""
SMALLEST_PART = 5 * 1024 * 1024
"""Every part but the last must be this large."""
CODES = {
    400: "InvalidRequest",
    403: "AccessDenied",
    404: "NoSuchKey",
    412: "PreconditionFailed",
    416: "InvalidRange",
    500: "InternalError",
    503: "SlowDown",
    507: "XMinioStorageFull",
}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Stored:
    """One object."""

    content: bytes
    media_type: str
    etag: str
    at: datetime


@dataclass
class Upload:
    """A multipart upload that is under way."""

    place: str
    media_type: str
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request that was signed rightly."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def place(self) -> str:
        return f"{self.bucket}/{self.key}"


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
    routes = [*control_routes(board), Route("/{path:path}", _Buckets(board), methods=methods)]
    return expose_transport(Starlette(routes=routes))


class _Buckets(Endpoint[Asked]):
    """All that is under `/`."""

    codes = CODES
    too_many = "Please reduce your request rate."

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._objects: dict[str, Stored] = {}
        self._uploads: dict[str, Upload] = {}

    def admits(self, request: Request) -> bool:
        return sigv4.access_key(request.headers) == ACCESS_KEY

    def refused_key(self) -> Refusal:
        message = "The AWS Access Key Id you provided does not exist in our records."
        return Refusal(403, message, "InvalidAccessKeyId")

    async def read(self, request: Request) -> Asked:
        raw_path, body = request.scope["raw_path"].decode(), await request.body()
        query, headers = request.url.query, request.headers
        if not sigv4.is_signed(request.method, raw_path, query, headers, body, self.board.knobs.key):
            message = "The request signature we calculated does not match the signature you provided."
            raise Refusal(403, message, "SignatureDoesNotMatch")
        bucket, _, key = request.url.path.lstrip("/").partition("/")
        return Asked(request.method, bucket, key, dict(request.query_params), dict(headers), body)

    def unit(self, asked: Asked) -> str:
        return f"{asked.method} /{asked.place}"

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        said = f"<Code>{escape(code or 'InternalError')}</Code><Message>{escape(message)}</Message>"
        body = f'<?xml version="1.0" encoding="UTF-8"?><Error>{said}<RequestId>{number:016X}</RequestId></Error>'
        return Response(body, status, headers, "application/xml")

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        if not asked.key:
            return self._of_bucket(asked)
        match asked.method:
            case "PUT":
                return self._part(asked) if "partNumber" in asked.query else self._put(asked)
            case "POST":
                return self._begin(asked) if "uploads" in asked.query else self._complete(asked)
            case "DELETE":
                if "uploadId" in asked.query:
                    self._uploads.pop(asked.query["uploadId"], None)
                else:
                    self._objects.pop(asked.place, None)
                return Body(b"", status=204)
        return self._get(asked)

    def _put(self, asked: Asked) -> Body:
        if asked.headers.get("if-none-match") == "*" and asked.place in self._objects:
            raise Refusal(412, "At least one of the preconditions you specified did not hold.")
        etag = f'"{_md5(asked.body)}"'
        self._store(asked.place, asked.body, asked.headers.get("content-type"), etag)
        return Body(b"", headers=(("ETag", etag),))

    def _store(self, place: str, content: bytes, media_type: str | None, etag: str) -> None:
        self._check_room(place, len(content))
        self._objects[place] = Stored(content, media_type or "binary/octet-stream", etag, datetime.now(UTC))

    def _check_room(self, place: str, more: int) -> None:
        capacity = self.board.knobs.capacity_bytes
        if capacity is None:
            return
        here = place.partition("/")[0] + "/"
        held = sum(
            len(stored.content) for other, stored in self._objects.items() if other.startswith(here) and other != place
        )
        uploads = [upload for upload in self._uploads.values() if upload.place.startswith(here)]
        held += sum(len(part) for upload in uploads for part in upload.parts.values())
        if held + more > capacity:
            raise Refusal(507, "Storage backend has reached its minimum free drive threshold.")

    def _get(self, asked: Asked) -> Body:
        stored = self._objects.get(asked.place)
        if stored is None:
            raise Refusal(404, "The specified key does not exist.")
        headers = [
            ("ETag", stored.etag),
            ("Last-Modified", format_datetime(stored.at, usegmt=True)),
            ("Accept-Ranges", "bytes"),
        ]
        content, status = stored.content, 200
        if found := _RANGE.fullmatch(asked.headers.get("range", "")):
            size = len(content)
            first = int(found[1]) if found[1] else max(0, size - int(found[2] or 0))
            last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
            if first > last:
                raise Refusal(416, "The requested range is not satisfiable.")
            headers.append(("Content-Range", f"bytes {first}-{last}/{size}"))
            content, status = content[first : last + 1], 206
        return Body(content, stored.media_type, status, tuple(headers))

    def _begin(self, asked: Asked) -> Body:
        upload = uuid4().hex
        self._uploads[upload] = Upload(asked.place, asked.headers.get("content-type", "binary/octet-stream"))
        found = f"<Bucket>{escape(asked.bucket)}</Bucket><Key>{escape(asked.key)}</Key><UploadId>{upload}</UploadId>"
        return _xml(f"<InitiateMultipartUploadResult>{found}</InitiateMultipartUploadResult>")

    def _part(self, asked: Asked) -> Body:
        upload = self._upload(asked)
        number = int(asked.query["partNumber"])
        if not 1 <= number <= 10_000:
            raise Refusal(400, "Part number must be an integer between 1 and 10000, inclusive", "InvalidArgument")
        self._check_room(f"{asked.bucket}/", len(asked.body))
        upload.parts[number] = asked.body
        return Body(b"", headers=(("ETag", f'"{_md5(asked.body)}"'),))

    def _complete(self, asked: Asked) -> Body:
        upload = self._upload(asked)
        parts = []
        for element in ElementTree.fromstring(asked.body):
            number = int(next(child.text or "" for child in element if child.tag.endswith("PartNumber")))
            etag = next(child.text or "" for child in element if child.tag.endswith("ETag")).strip('"')
            if number not in upload.parts or _md5(upload.parts[number]) != etag:
                raise Refusal(400, "One or more of the specified parts could not be found.", "InvalidPart")
            parts.append(upload.parts[number])
        if any(len(part) < SMALLEST_PART for part in parts[:-1]):
            raise Refusal(400, "Your proposed upload is smaller than the minimum allowed size", "EntityTooSmall")
        digests = b"".join(hashlib.md5(part, usedforsecurity=False).digest() for part in parts)
        etag = f'"{_md5(digests)}-{len(parts)}"'
        del self._uploads[asked.query["uploadId"]]
        self._store(upload.place, b"".join(parts), upload.media_type, etag)
        found = f"<Key>{escape(asked.key)}</Key><ETag>{escape(etag)}</ETag>"
        return _xml(f"<CompleteMultipartUploadResult>{found}</CompleteMultipartUploadResult>")

    def _upload(self, asked: Asked) -> Upload:
        upload = self._uploads.get(asked.query.get("uploadId", ""))
        if upload is None or upload.place != asked.place:
            raise Refusal(404, "The specified multipart upload does not exist.", "NoSuchUpload")
        return upload

    def _of_bucket(self, asked: Asked) -> Body:
        if asked.method == "POST" and "delete" in asked.query:
            return self._delete_many(asked)
        if asked.method == "GET" and "uploads" in asked.query:
            found = "".join(
                f"<Upload><Key>{escape(upload.place.partition('/')[2])}</Key><UploadId>{name}</UploadId></Upload>"
                for name, upload in self._uploads.items()
            )
            return _xml(f"<ListMultipartUploadsResult>{found}</ListMultipartUploadsResult>")
        if asked.method != "GET" or asked.query.get("list-type") != "2":
            raise Refusal(405, "The specified method is not allowed against this resource.", "MethodNotAllowed")
        return self._list(asked)

    def _delete_many(self, asked: Asked) -> Body:
        said = []
        for element in ElementTree.fromstring(asked.body):
            for child in element:
                if child.tag.endswith("Key") and child.text:
                    self._objects.pop(f"{asked.bucket}/{child.text}", None)
                    said.append(f"<Deleted><Key>{escape(child.text)}</Key></Deleted>")
        return _xml(f"<DeleteResult>{''.join(said)}</DeleteResult>")

    def _list(self, asked: Asked) -> Body:
        prefix, most = asked.query.get("prefix", ""), min(int(asked.query.get("max-keys", "1000")), 1_000)
        token = asked.query.get("continuation-token", "")
        after = base64.b64decode(token).decode() if token else asked.query.get("start-after", "")
        keys = sorted(place.partition("/")[2] for place in self._objects if place.startswith(f"{asked.bucket}/"))
        keys = [key for key in keys if key.startswith(prefix) and key > after]
        page, more = keys[:most], len(keys) > most
        rows = "".join(_row(key, self._objects[f"{asked.bucket}/{key}"]) for key in page)
        following = base64.b64encode(page[-1].encode()).decode() if more else ""
        token = f"<NextContinuationToken>{following}</NextContinuationToken>" if more else ""
        head = f"<Name>{escape(asked.bucket)}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>{most}</MaxKeys>"
        counted = f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{token}"
        return _xml(f"<ListBucketResult>{head}{counted}{rows}</ListBucketResult>")


def _row(key: str, stored: Stored) -> str:
    about = f"<LastModified>{stored.at:%Y-%m-%dT%H:%M:%S.%f}Z</LastModified><ETag>{escape(stored.etag)}</ETag>"
    size = f"<Size>{len(stored.content)}</Size><StorageClass>STANDARD</StorageClass>"
    return f"<Contents><Key>{escape(key)}</Key>{about}{size}</Contents>"


def _xml(inside: str) -> Body:
    return Body(f'<?xml version="1.0" encoding="UTF-8"?>{inside}'.encode(), "application/xml")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
