"""Cloudinary's upload API and its delivery as a local server, faithful to what cloudinary 1.46 sends and expects.

`POST /v1_1/{cloud}/{image|video|raw}/upload` (multipart, also in chunks by `Content-Range`) and `…/destroy`, each with
the SHA-1 signature over its sorted parameters and the knob `key`, which is the API secret; the API key is `emulated`.
Delivery is `GET /{cloud}/{kind}/{type}/[s--…--/][f_auto,q_auto/][v…/]{public_id}[.format]`, with ranges;
`authenticated` files want the signature in the address. What is to be optimised comes as it was sent, and says that it
may vary. Faults know a request as `upload video/stories/…`. Too many requests are 420, as there.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.control import control_routes, expose_transport
from emulators.endpoint import Body, Endpoint, Refusal
from emulators.knobs import Board, Fault, Knobs

API_KEY = "emulated"
"""The one API key; its secret is the knob `key`."""
KINDS = ("image", "video", "raw")
STALE_S = 3_600
_UNSIGNED = ("file", "cloud_name", "resource_type", "api_key", "signature")
_CHUNK = re.compile(r"bytes (\d+)-(\d+)/(\d+|-1)")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_DELIVERED = re.compile(
    r"(?:s--(?P<signature>[\w-]{8})--/)?(?P<change>f_auto,q_auto/)?(?:v(?P<version>\d+)/)?(?P<source>.+)"
)
_MAGIC: dict[str, tuple[tuple[int, bytes, str], ...]] = {
    "image": ((0, b"\xff\xd8\xff", "jpg"), (0, b"\x89PNG", "png"), (8, b"WEBP", "webp"), (0, b"GIF8", "gif")),
    "video": (
        (0, b"ID3", "mp3"),
        (0, b"\xff\xfb", "mp3"),
        (0, b"\xff\xf3", "mp3"),
        (8, b"WAVE", "wav"),
        (4, b"ftyp", "mp4"),
        (0, b"OggS", "ogg"),
    ),
}


@dataclass(frozen=True)
class Stored:
    """One file."""

    content: bytes
    format: str | None
    version: int
    created_at: str


@dataclass(frozen=True)
class Asked:
    """A request that was signed rightly."""

    action: str
    cloud: str
    kind: str
    fields: dict[str, str]
    file: bytes
    upload: str
    """The id of an upload in chunks; empty for a whole one."""
    start: int
    last: bool

    @property
    def place(self) -> tuple[str, str, str, str]:
        return self.cloud, self.kind, self.fields.get("type", "upload"), self.fields["public_id"]


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    account = _Account(board)
    routes = [
        *control_routes(board),
        Route("/v1_1/{cloud}/{kind}/{action}", account, methods=["POST"]),
        Route("/{cloud}/{kind}/{type}/{rest:path}", account.deliver, methods=["GET"]),
    ]
    return expose_transport(Starlette(routes=routes))


class _Account(Endpoint[Asked]):
    """`POST …/upload` and `POST …/destroy`."""

    too_many = "Rate Limit Exceeded."

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._files: dict[tuple[str, str, str, str], Stored] = {}
        self._chunks: dict[str, bytearray] = {}
        self._versions = 1_700_000_000

    def admits(self, request: Request) -> bool:
        return True  # the key is a field of the form

    async def read(self, request: Request) -> Asked:
        path = request.path_params
        if path["kind"] not in KINDS or path["action"] not in ("upload", "destroy"):
            raise Refusal(404, "Resource not found")
        form = await request.form()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        self._check_signature(fields)
        if path["action"] == "destroy":
            if not fields.get("public_id"):
                raise Refusal(400, "Missing required parameter - public_id")
            return Asked("destroy", path["cloud"], path["kind"], fields, b"", "", 0, True)
        if not isinstance(file, UploadFile):
            raise Refusal(400, "Missing required parameter - file")
        content = await file.read()
        if not content:
            raise Refusal(400, "Empty file")
        fields.setdefault("public_id", uuid4().hex[:20])
        upload, start, last = request.headers.get("x-unique-upload-id", ""), 0, True
        if upload:
            found = _CHUNK.fullmatch(request.headers.get("content-range", ""))
            if found is None or int(found[2]) + 1 - int(found[1]) != len(content):
                raise Refusal(400, "Invalid Content-Range")
            start, last = int(found[1]), int(found[2]) + 1 == int(found[3])
        return Asked("upload", path["cloud"], path["kind"], fields, content, upload, start, last)

    def unit(self, asked: Asked) -> str:
        return f"{asked.action} {asked.kind}/{asked.fields['public_id']}"

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        status = 420 if status == 429 and message == self.too_many else status
        told = {"X-Request-Id": f"{number:032x}"} | (headers or {})
        return JSONResponse({"error": {"message": message}}, status, told)

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        if asked.action == "destroy":
            gone = self._files.pop(asked.place, None)
            return _json({"result": "ok" if gone else "not found"})
        content = asked.file
        if asked.upload:
            have = self._chunks.setdefault(asked.upload, bytearray())
            if asked.start != len(have):
                raise Refusal(400, "Chunks must be uploaded in order")
            have += content
            if not asked.last:
                return _json({"done": False, "public_id": asked.fields["public_id"], "bytes": len(have)})
            content = bytes(self._chunks.pop(asked.upload))
        return _json(self._stored(asked, content))

    def _stored(self, asked: Asked, content: bytes) -> dict[str, Any]:
        there = self._files.get(asked.place)
        if there is not None and asked.fields.get("overwrite") not in ("1", "true"):
            return _described(asked, there, self.board.knobs.key) | {"existing": True}
        kind_of = _format(asked.kind, content)
        self._versions = max(self._versions + 1, int(time()))
        stored = Stored(content, kind_of, self._versions, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._files[asked.place] = stored
        return _described(asked, stored, self.board.knobs.key)

    def _check_signature(self, fields: dict[str, str]) -> None:
        if fields.get("api_key") != API_KEY:
            raise Refusal(401, f"Invalid api_key {fields.get('api_key')}")
        if abs(time() - float(fields.get("timestamp") or 0)) > STALE_S:
            raise Refusal(400, "Stale request - reported time is more than 1 hour ago")
        signed = sorted(
            f"{name}={value}".replace("&", "%26") for name, value in fields.items() if value and name not in _UNSIGNED
        )
        to_sign = "&".join(signed)
        expected = hashlib.sha1((to_sign + self.board.knobs.key).encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(expected, fields.get("signature", "")):
            raise Refusal(401, f"Invalid Signature {fields.get('signature')}. String to sign - '{to_sign}'.")

    async def deliver(self, request: Request) -> Response:
        """What readers get. An address of an `authenticated` file without its signature is 401."""
        path = request.path_params
        found = _DELIVERED.fullmatch(path["rest"])
        assert found is not None
        source, kind = found["source"], path["kind"]
        signed = (found["change"] or "") + source
        if path["type"] != "upload" and found["signature"] != url_signature(signed, self.board.knobs.key):
            return Response(status_code=401, headers={"X-Cld-Error": "Invalid signature in URL"})
        public_id = source if kind == "raw" else source.rpartition(".")[0] or source
        stored = self._files.get((path["cloud"], kind, path["type"], public_id))
        if stored is None or (found["version"] or "1") not in ("1", str(stored.version)):
            return Response(status_code=404, headers={"X-Cld-Error": f"Resource not found - {public_id}"})
        media_type = f"{'audio' if stored.format in ('mp3', 'wav', 'ogg') else kind}/{stored.format or 'octet-stream'}"
        headers = {"ETag": f'"{_md5(stored.content)}"', "Accept-Ranges": "bytes"}
        if found["change"]:
            headers["Vary"] = "Accept"
        content, status = stored.content, 200
        if wanted := _RANGE.fullmatch(request.headers.get("range", "")):
            size = len(content)
            first = int(wanted[1]) if wanted[1] else max(0, size - int(wanted[2] or 0))
            last = min(int(wanted[2]), size - 1) if wanted[1] and wanted[2] else size - 1
            if first > last:
                return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
            content, status = content[first : last + 1], 206
        return Response(content, status, headers, media_type)


def url_signature(source: str, secret: str) -> str:
    """The signature in the address of a file; its transformation, if any, belongs to the source."""
    digest = hashlib.sha1((source + secret).encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode()[:8]


def _format(kind: str, content: bytes) -> str | None:
    """What kind of file it is; None for a raw one. Raises Refusal for one that the kind does not take."""
    if kind == "raw":
        return None
    for at, magic, name in _MAGIC[kind]:
        if content[at:].startswith(magic):
            return name
    raise Refusal(400, "Invalid image file" if kind == "image" else "Unsupported video format or file")


def _described(asked: Asked, stored: Stored, secret: str) -> dict[str, Any]:
    public_id, version = asked.fields["public_id"], stored.version
    told = f"public_id={public_id}&version={version}{secret}"
    delivered = f"/{asked.cloud}/{asked.kind}/{asked.fields.get('type', 'upload')}/v{version}/{public_id}"
    return {
        "asset_id": uuid4().hex,
        "public_id": public_id,
        "version": version,
        "signature": hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest(),
        "resource_type": asked.kind,
        "type": asked.fields.get("type", "upload"),
        "created_at": stored.created_at,
        "bytes": len(stored.content),
        "etag": _md5(stored.content),
        "url": f"http://res.cloudinary.com{delivered}",
        "secure_url": f"https://res.cloudinary.com{delivered}",
    } | ({"format": stored.format} if stored.format else {})


def _json(about: dict[str, Any]) -> Body:
    return Body(json.dumps(about).encode())


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
