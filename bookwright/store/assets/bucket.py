"""Assets in an S3-compatible bucket (Amazon S3, Cloudflare R2, MinIO, Ceph), reached through obstore."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from uuid import uuid4

from pydantic import SecretStr

from bookwright.contracts.errors import AssetMissing, ServiceUnavailable, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.store.assets.base import HASH, MIN_ROOM, Assets, check_id, corrupt, missing
from bookwright.store.assets.cache import BlobCache
from bookwright.store.blobs import Blob
from bookwright.store.database.failures import translating

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Credential, S3Store

PART = 8 * 1024 * 1024
"""Larger files travel in parts of so many bytes, each a request of its own; so much of a file is in memory for each of
`PARTS_AT_ONCE`."""
PARTS_AT_ONCE = 2
REQUESTS_AT_ONCE = 16
REQUEST_S = 30.0
"""A request, its body included, has ended by then."""
RETRIES = 2
RETRY_S = 10.0
"""obstore repeats a request that surely does no harm at most so often, and begins none after so long. Nothing that a
bucket does is paid by the call; a paid answer that could not be stored is."""
RENEWED = timedelta(seconds=30)
"""A blob that was put so lately needs no new date to be safe from the sweeper."""
CACHE_BYTES = 2 * 1024**3
_PROBE_BYTES = 1024 * 1024
_FULL = ("StorageFull", "QuotaExceeded", "InsufficientStorage", "status code: 507")
"""What MinIO, Ceph and R2 say when there is no room."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class BucketPlace:
    """Where the bucket is and who asks."""

    bucket: str
    access_key_id: str
    secret_access_key: SecretStr
    endpoint: str | None = None
    """None is Amazon's."""
    region: str = "auto"
    prefix: str = ""
    """Before every key, for a bucket that is not Bookwright's alone."""


class BucketAssets(Assets):
    """An asset store in a bucket. `root` on this machine holds scratch files and copies of what was lately used."""

    def __init__(
        self,
        place: BucketPlace,
        root: Path,
        *,
        min_room: int = MIN_ROOM,
        cache_bytes: int = CACHE_BYTES,
        request_s: float = REQUEST_S,
        retries: int = RETRIES,
    ) -> None:
        super().__init__(root, min_room=min_room)
        self._bucket = _bucket(place, request_s, retries)
        with translating():
            self._cache = BlobCache(root / "cache", cache_bytes)
        self._fetching = tuple(threading.Lock() for _ in range(64))
        self._threads = ThreadPoolExecutor(REQUESTS_AT_ONCE, "bucket")
        self._refused = 0
        """Bytes that the bucket had no room for when it was last asked; 0 when it had."""

    async def check_room(self) -> None:
        """Raise StorageFull when the local disk has less than `min_room` free, or when the bucket refused something
        for want of room and still does."""
        await super().check_room()
        if self._refused:
            await self._run(self._probe, min(self._refused, _PROBE_BYTES))

    def path(self, asset: AssetId) -> Path:
        """A local copy, which stays for some minutes. Blocks while it is fetched. Raises AssetMissing, AssetCorrupt,
        StorageFull (the local disk) or ServiceUnavailable."""
        check_id(asset)
        with self._fetching[int(asset[:2], 16) % len(self._fetching)]:
            return self._cache.find(asset) or self._fetch(asset)

    def all(self) -> Iterator[AssetId]:
        """Every asset that is stored."""
        import obstore

        with _reaching():
            for batch in obstore.list(self._bucket):
                for found in batch:
                    name = found["path"].rpartition("/")[2]
                    if HASH.fullmatch(name) and found["path"] == _key(AssetId(name)):
                        yield AssetId(name)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args, **kwargs))

    def _probe(self, size: int) -> None:
        import obstore

        name = f"probe/{uuid4().hex}"
        with self._counting(size):
            obstore.put(self._bucket, name, bytes(size), use_multipart=False)
        with _reaching():
            obstore.delete(self._bucket, name)

    @contextmanager
    def _counting(self, size: int) -> Iterator[None]:
        """Remember whether the bucket had room for so many bytes."""
        try:
            with _reaching():
                yield
        except StorageFull:
            self._refused = size
            raise
        self._refused = 0

    def _store(self, asset: AssetId, data: bytes, media_type: str) -> None:
        if len(data) > PART:
            temporary = self._scratch / f"{uuid4().hex}.put"
            try:
                with translating():
                    temporary.write_bytes(data)
                self._store_file(asset, temporary, media_type)
            finally:
                temporary.unlink(missing_ok=True)
            return
        self._upload(asset, data, media_type)
        with suppress(OSError):  # the copy only saves a request
            self._cache.keep(asset, data, self._scratch)

    def _store_file(self, asset: AssetId, path: Path, media_type: str) -> None:
        size = path.stat().st_size
        if size > PART:
            self._upload_large(asset, path, size, media_type)
        else:
            self._upload(asset, path.read_bytes(), media_type)
        with translating():
            self._cache.take(asset, path)

    def _upload(self, asset: AssetId, data: bytes, media_type: str) -> None:
        """One request, which the bucket refuses when the blob is there. A repetition of one whose answer was lost is
        refused as well: it was stored."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        key, about = _key(asset), {"Content-Type": media_type}
        with self._counting(len(data)):
            try:
                obstore.put(self._bucket, key, data, attributes=about, mode="create", use_multipart=False)
            except AlreadyExistsError:
                if not self._renewed_lately(asset):
                    obstore.put(self._bucket, key, data, attributes=about, use_multipart=False)

    def _upload_large(self, asset: AssetId, path: Path, size: int, media_type: str) -> None:
        """In parts, which no bucket makes depend on what is there. To write the same bytes again does no harm."""
        import obstore

        with self._counting(size):
            if not self._renewed_lately(asset):
                obstore.put(
                    self._bucket,
                    _key(asset),
                    path,
                    attributes={"Content-Type": media_type},
                    chunk_size=PART,
                    max_concurrency=PARTS_AT_ONCE,
                )

    def _renewed_lately(self, asset: AssetId) -> bool:
        put_at = self._put_at(asset)
        return put_at is not None and datetime.now(UTC) - put_at < RENEWED

    def _put_at(self, asset: AssetId) -> datetime | None:
        import obstore

        try:
            return obstore.head(self._bucket, _key(asset))["last_modified"]
        except FileNotFoundError:
            return None

    def _get(self, asset: AssetId) -> bytes:
        data = self.path(asset).read_bytes()
        if hashlib.sha256(data).hexdigest() == asset:
            return data
        self._cache.drop(asset)  # the copy was spoilt, not the blob: what is fetched is checked
        return self.path(asset).read_bytes()

    def _fetch(self, asset: AssetId) -> Path:
        temporary = self._scratch / f"{uuid4().hex}.get"
        try:
            for _ in range(2):  # a gateway's page of HTML or a cut answer is not yet a spoilt blob
                digest = hashlib.sha256()
                with translating(), temporary.open("wb") as file:
                    for piece in self._pieces(asset):
                        digest.update(piece)
                        file.write(piece)
                if digest.hexdigest() == asset:
                    with translating():
                        return self._cache.take(asset, temporary)
            raise corrupt(asset)
        finally:
            temporary.unlink(missing_ok=True)

    def _pieces(self, asset: AssetId) -> Iterator[bytes]:
        """The blob in ranges, each a request with a deadline of its own."""
        import obstore

        with _reaching(asset):
            size, at = obstore.head(self._bucket, _key(asset))["size"], 0
            while at < size:
                piece = bytes(obstore.get_range(self._bucket, _key(asset), start=at, end=min(at + PART, size)))
                if not piece:
                    return
                at += len(piece)
                yield piece

    def _exists(self, asset: AssetId) -> bool:
        check_id(asset)
        with _reaching():
            return self._put_at(asset) is not None

    def _examine(self, asset: AssetId) -> Blob:
        import obstore

        check_id(asset)
        with _reaching(asset):
            found = obstore.get(self._bucket, _key(asset), options={"head": True})
            kind = found.attributes.get("Content-Type", "application/octet-stream")
            return Blob(asset, kind, found.meta["size"])

    def _hash_of(self, asset: AssetId) -> str:
        digest = hashlib.sha256()
        for piece in self._pieces(asset):
            digest.update(piece)
        return digest.hexdigest()

    def _discard(self, asset: AssetId, older_than: timedelta) -> bool:
        """Remove an asset unless it was put within `older_than`. A bucket can't make this one step: see ADR 0019."""
        import obstore

        with _reaching():
            put_at = self._put_at(asset)
            if put_at is None or datetime.now(UTC) - put_at < older_than:
                return False
            obstore.delete(self._bucket, _key(asset))
        self._cache.drop(asset)
        return True


def _bucket(place: BucketPlace, request_s: float, retries: int) -> "S3Store":
    from obstore.store import S3Store

    def credentials() -> "S3Credential":
        """Not by the configuration: a session token in the environment would be sent with our key."""
        secret = place.secret_access_key.get_secret_value()
        return {
            "access_key_id": place.access_key_id,
            "secret_access_key": secret,
            "token": None,
            "expires_at": None,
        }

    config: S3Config = {"region": place.region}
    if place.endpoint:
        config["endpoint"] = place.endpoint
    return S3Store(
        place.bucket,
        prefix=place.prefix.strip("/") or None,
        config=config,
        client_options={
            "allow_http": (place.endpoint or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=min(5.0, request_s)),
            "timeout": timedelta(seconds=request_s),
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=RETRY_S)},
        credential_provider=credentials,
    )


def _key(asset: AssetId) -> str:
    return f"{asset[:2]}/{asset}"


@contextmanager
def _reaching(asset: AssetId | None = None) -> Iterator[None]:
    """Raise what obstore raises as Bookwright's errors; obstore's own name addresses and keep the server's answer."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError as error:
        if asset is None or "NoSuchBucket" in str(error):
            raise ServiceUnavailable("There is no such bucket. Check its name and endpoint in the settings.") from None
        raise missing(asset) from None
    except AssetMissing:
        raise
    except BaseError as error:
        said = str(error)
        if any(sign in said for sign in _FULL):
            raise StorageFull("The bucket is full. Make room or raise its quota; work goes on by itself.") from None
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            raise ServiceUnavailable("The bucket refuses the keys. Check them and their rights.") from None
        raise ServiceUnavailable("The bucket can't be reached, or is too busy. Try again.") from None
