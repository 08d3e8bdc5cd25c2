"""Pictures that orders name by their address: fetched by the guarded client, of a kind that can be looked at."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from bookwright import sniff
from bookwright.contracts.errors import BadAnswer, BadInput, Permanent, UnsafeAddress

if TYPE_CHECKING:
    from bookwright.providers.guarded import GuardedClient

MAX_PICTURE_BYTES = 10 * 1024 * 1024
FIELD = "character_image_url"
_TYPES = ("image/png", "image/jpeg", "image/webp")


class HandedPictures:
    """A `PictureFetcher`. For one event loop; call `close` in the end."""

    def __init__(self, allowed: Collection[str] = (), deadline_s: float = 30) -> None:
        """`allowed` are origins whose addresses are not checked, as of `GuardedClient`."""
        self._allowed, self._deadline_s = allowed, deadline_s
        self._client: GuardedClient | None = None

    async def fetch(self, url: str) -> tuple[bytes, str]:
        """The bytes and the media type of a picture. Raises UnsafeAddress and BadInput, which name the field and repeat
        no address, and Refused when it may be had at another time."""
        try:
            found = await self._opened().fetch(url)
        except UnsafeAddress as error:
            raise UnsafeAddress(f"{FIELD}: {error}", field=FIELD) from None
        except BadAnswer:
            raise BadInput(
                f"{FIELD}: there is more than {MAX_PICTURE_BYTES >> 20} MB at the address, or it leads round in "
                "circles; give a smaller picture",
                field=FIELD,
            ) from None
        except Permanent:
            raise BadInput(f"{FIELD}: there is nothing to be had at the address", field=FIELD) from None
        media_type = sniff.picture(found.content)
        if media_type not in _TYPES or sniff.picture_is_cut(found.content, media_type):
            raise BadInput(f"{FIELD}: what is there is no PNG, JPEG or WebP picture, or it is cut off", field=FIELD)
        return found.content, media_type

    def _opened(self) -> "GuardedClient":
        """The client, opened for the first picture: every worker has one of these, and few ever fetch anything."""
        if self._client is None:
            from bookwright.providers.guarded import GuardedClient

            self._client = GuardedClient(
                allowed=self._allowed, max_bytes=MAX_PICTURE_BYTES, deadline_s=self._deadline_s
            )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
