"""Where assets are kept: immutable blobs under their content hash, in a local folder or in a bucket."""

from bookwright.store.assets.base import Assets
from bookwright.store.assets.bucket import BucketAssets, BucketPlace
from bookwright.store.assets.local import LocalAssets

__all__ = ["Assets", "BucketAssets", "BucketPlace", "LocalAssets"]
