"""Cloudinary as a publisher: the public key is the `public_id`, so that an upload can be repeated without harm.

The SDK is synchronous and is called in threads. It keeps nothing between calls but its connections.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import urllib3
from pydantic import SecretStr

from bookwright.contracts.errors import BadAnswer, BookwrightError
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.http import CONNECT_SECONDS, Exchange

NAME = "cloudinary"
API_URL = "https://api.cloudinary.com"
DELIVERY_URL = "https://res.cloudinary.com"
CHUNK = 20_000_000
"""Larger files travel in chunks of so many bytes, each a request; no more of a file is in memory."""
REQUEST_S = 60.0
"""The longest wait for an answer to one request."""
TYPE = "authenticated"
"""Files that nobody gets without an address that was signed with our secret."""
_KINDS = {
    **dict.fromkeys(("mp3", "m4a", "m4b", "ogg", "opus", "wav"), "video"),
    **dict.fromkeys(("webp", "png", "jpg"), "image"),
}


class _Wire(urllib3.PoolManager):
    """The SDK's connections: no request is made twice, no redirect followed, and what the answer was is remembered."""

    def __init__(self) -> None:
        from cloudinary import CERT_KWARGS

        super().__init__(retries=False, **CERT_KWARGS)
        self.answer = threading.local()

    def forget(self) -> None:
        self.answer.status, self.answer.headers = None, {}

    def request(self, *args: Any, **options: Any) -> Any:
        response = super().request(*args, **(options | {"retries": False, "redirect": False}))
        self.answer.status, self.answer.headers = response.status, dict(response.headers)
        return response


class CloudinaryPublisher:
    """Publishes to one account."""

    def __init__(
        self,
        cloud_name: str,
        api_key: str,
        api_secret: SecretStr,
        *,
        base_url: str = API_URL,
        delivery_url: str = DELIVERY_URL,
        request_s: float = REQUEST_S,
    ) -> None:
        self._cloud_name = cloud_name
        self._api_key = api_key
        self._api_secret = api_secret
        self._base_url = base_url
        self._delivery_url = delivery_url
        self._request_s = request_s

    @cached_property
    def _wire(self) -> _Wire:
        return _Wire()

    async def publish(self, name: str, path: Path) -> str:
        """Put a file under its public key, in place of the one before it. Answers the version, part of its address.
        Raises MustWait, Permanent for a file that is not taken, or Transient."""
        return await asyncio.to_thread(self._upload, name, path)

    async def withdraw(self, name: str) -> None:
        """Remove what is under a public key, if anything is. Raises MustWait, Permanent or Transient."""
        await asyncio.to_thread(self._destroy, name)

    def address(self, name: str, version: str) -> str:
        """Where the file is delivered from, signed; a picture in the format and quality that suit who asks (`f_auto`,
        `q_auto`)."""
        from cloudinary import utils

        public_id, kind, suffix = _public_id(name)
        change = {"fetch_format": "auto", "quality": "auto"} if kind == "image" else {}
        url, _ = utils.cloudinary_url(
            public_id,
            resource_type=kind,
            type=TYPE,
            format=suffix if kind != "raw" else None,
            version=version,
            sign_url=True,
            auth_token=False,
            long_url_signature=False,
            signature_algorithm="sha1",
            secure=True,
            cloud_name=self._cloud_name,
            api_secret=self._api_secret.get_secret_value(),
            **change,
        )
        return self._delivery_url + str(url).removeprefix(DELIVERY_URL)

    def _upload(self, name: str, path: Path) -> str:
        from cloudinary import uploader

        public_id, kind, _ = _public_id(name)
        size, digest = path.stat().st_size, _md5(path)
        options = self._options(kind) | {"public_id": public_id, "overwrite": True, "invalidate": True}
        # A name of ours for the file: the path on this machine is nobody's business.
        options |= {"filename": name.rpartition("/")[2]}
        if size > CHUNK:
            answer = self._call(lambda: uploader.upload_large(path, chunk_size=CHUNK, **options))
        else:
            answer = self._call(lambda: uploader.upload(path, **options))
        whole = answer.get("bytes") == size and answer.get("etag") in (None, digest)
        if not whole or answer.get("public_id") != public_id or not isinstance(answer.get("version"), int):
            raise BadAnswer(f"{NAME} holds something else than was sent")
        return str(answer["version"])

    def _destroy(self, name: str) -> None:
        from cloudinary import uploader

        public_id, kind, _ = _public_id(name)
        answer = self._call(lambda: uploader.destroy(public_id, invalidate=True, **self._options(kind)))
        if answer.get("result") not in ("ok", "not found"):
            raise BadAnswer(f"{NAME} did not say that the file is gone")

    def _options(self, kind: str) -> dict[str, Any]:
        """Everything that a call needs, so that nothing is taken from the SDK's configuration, which reads the
        environment."""
        return {
            "resource_type": kind,
            "type": TYPE,
            "cloud_name": self._cloud_name,
            "api_key": self._api_key,
            "api_secret": self._api_secret.get_secret_value(),
            "upload_prefix": self._base_url,
            "oauth_token": None,
            "upload_preset": None,
            "signature_algorithm": "sha1",
            "signature_version": 2,
            "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=self._request_s),
        }

    def _call(self, make: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        from cloudinary import exceptions, uploader

        uploader._http = self._wire  # the SDK takes no connections of ours, and its own try again by themselves
        self._wire.forget()
        try:
            return make()
        except (exceptions.Error, TypeError):  # the latter for JSON that is no object
            raise self._failure() from None

    def _failure(self) -> BookwrightError:
        """The SDK's messages may repeat what was sent: only the status counts."""
        status = self._wire.answer.status
        if status is not None:
            return from_answer(NAME, status, self._wire.answer.headers, None)
        return from_failure(NAME, TimeoutError(), Exchange(nullcontext(), sent=True))


def _public_id(name: str) -> tuple[str, str, str]:
    """The `public_id`, the kind of file and its suffix. Audio is video here; a raw file's suffix is part of the id."""
    stem, _, suffix = name.rpartition(".")
    kind = _KINDS.get(suffix, "raw")
    return (name if kind == "raw" else stem), kind, suffix


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
