"""Opens what the settings name: where assets are kept."""

from pathlib import Path

from bookwright.settings.storage import AssetPlace, StorageSettings
from bookwright.store import Assets, BucketAssets, BucketPlace, LocalAssets


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
