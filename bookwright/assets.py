"""Opens what the settings name: where assets are kept, and who delivers them."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING
from uuid import uuid4

from bookwright.contracts.ids import AssetId
from bookwright.contracts.ports.publishing import Publisher
from bookwright.settings.storage import AssetPlace, StorageSettings
from bookwright.store import Assets, BucketAssets, BucketPlace, LocalAssets

if TYPE_CHECKING:
    from bookwright.providers.cloudinary import CloudinaryPublisher


def open_assets(storage: StorageSettings, root: Path) -> Assets:
    """The asset store that the settings name, in the folder `root` or with its copies there. Nothing is asked of a
    bucket yet."""
    if storage.kept_at is AssetPlace.LOCAL:
        return LocalAssets(root)
    if storage.kept_at is AssetPlace.S3:
        assert storage.s3_secret_access_key is not None
        place = BucketPlace(
            bucket=storage.s3_bucket,
            access_key_id=storage.s3_access_key_id,
            secret_access_key=storage.s3_secret_access_key,
            endpoint=storage.s3_endpoint_url or None,
            region=storage.s3_region,
            prefix=storage.s3_prefix,
        )
    else:
        assert storage.r2_secret_access_key is not None
        place = BucketPlace(
            bucket=storage.r2_bucket,
            access_key_id=storage.r2_access_key_id,
            secret_access_key=storage.r2_secret_access_key,
            endpoint=storage.r2_endpoint_url or f"https://{storage.r2_account_id}.r2.cloudflarestorage.com",
            prefix=storage.r2_prefix,
        )
    return BucketAssets(place, root, cache_bytes=storage.cache_mib * 2**20)


def open_publisher(storage: StorageSettings) -> "CloudinaryPublisher | None":
    """Who delivers what readers see and hear page by page; None when the store itself does."""
    if not storage.published:
        return None
    from bookwright.providers.cloudinary import CloudinaryPublisher

    assert storage.cloudinary_api_secret is not None
    return CloudinaryPublisher(
        storage.cloudinary_cloud_name,
        storage.cloudinary_api_key,
        storage.cloudinary_api_secret,
        base_url=storage.cloudinary_base_url,
        delivery_url=storage.cloudinary_delivery_url,
    )


async def try_assets(assets: Assets) -> None:
    """Store a few bytes, read them back and remove them. Raises ServiceUnavailable, StorageFull or AssetCorrupt."""
    asset = await assets.put(uuid4().bytes, "application/octet-stream")
    await assets.get(asset)
    await assets.discard([asset], _nobody_knows, timedelta(0))


async def try_publisher(delivery: Publisher, folder: Path) -> None:
    """Publish a few bytes and withdraw them; `folder` is for the file. Raises what `Publisher` raises."""
    name = f"stories/doctor/{uuid4().hex}.txt"
    with NamedTemporaryFile(dir=folder) as file:
        file.write(name.encode())
        file.flush()
        await delivery.publish(name, Path(file.name))
    await delivery.withdraw(name)


async def _nobody_knows(_wanted: Sequence[AssetId]) -> set[AssetId]:
    return set()
