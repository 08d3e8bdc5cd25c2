"""What providers over HTTP have in common: a key and an address that are checked at start, and connections."""

import asyncio
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlsplit

from bookwright.contracts.errors import Misconfigured
from bookwright.providers.http import make_client

if TYPE_CHECKING:
    import httpx


def checked_key(provider: str, key: str, what: str = "API key") -> str:
    """The key. Raises Misconfigured when it is missing or malformed, without repeating it."""
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Misconfigured(f"{provider} needs its {what}, as printable characters without spaces")
    return key


def checked_url(provider: str, url: str) -> str:
    """The base URL without a slash at its end. Raises Misconfigured when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Misconfigured(f"{provider}'s base URL must be an absolute http or https URL")
    return url.rstrip("/")


class Closing:
    """Something that is closed at the end of a block. It can be used again, and then opens itself anew."""

    async def close(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class Connected(Closing):
    """The connections to one provider, opened with the first call."""

    sdk: ClassVar[str | None] = None
    """The module of the provider's SDK, where one is used: its import may take a second and 50 MB, so only those who
    make calls import it."""

    def __init__(self, provider: str, concurrency: int, deadline_s: float) -> None:
        """`deadline_s` is for each wait for the provider. Raises Misconfigured for what is not more than 0."""
        if concurrency < 1 or deadline_s <= 0:
            raise Misconfigured(f"{provider}'s concurrency and deadline must be more than 0")
        self.concurrency = concurrency
        self.deadline_s = deadline_s
        self._http: httpx.AsyncClient | None = None

    async def load(self) -> None:
        """Import the SDK: in a thread, so that heartbeats and other calls go on meanwhile."""
        if self.sdk is not None:
            await asyncio.to_thread(import_module, self.sdk)

    def connections(self, for_each_call: int = 1) -> "httpx.AsyncClient":
        """The client, with so many connections for each of the calls at once."""
        if self._http is None:
            self._http = make_client(deadline_s=self.deadline_s, connections=for_each_call * self.concurrency)
        return self._http

    async def close(self) -> None:
        """Close the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()
