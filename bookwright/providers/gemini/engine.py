"""What Gemini's engines have in common: key, address, the SDK's client over ours, one request a call.

The SDK prefers aiohttp and httpx2, but takes a client of httpx that is given to it, and then uses that one alone: no
request is repeated then when its connection breaks. Its other traps are closed here and in `asking`: it continues a
long answer by itself with further requests, reads another backend, key and address from the environment, and waits
without end unless it is told a time-out. It costs a second and 50 MB to import.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from bookwright.contracts.errors import Misconfigured
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, default_prices
from bookwright.providers.connected import Connected, checked_key, checked_url
from bookwright.providers.errors import from_failure
from bookwright.providers.http import watched

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.models import AsyncModels

BASE_URL = "https://generativelanguage.googleapis.com"
_VERSION = "v1beta"

A = TypeVar("A")


class GeminiEngine(Connected):
    """The base of the engines."""

    provider = "gemini"
    sdk = "google.genai"

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        model: str,
        concurrency: int,
        deadline_s: float,
        prices: PriceTable | None,
    ) -> None:
        """Raises Misconfigured for a missing or malformed key or model, or a bad base URL."""
        if not model or not all(part.isalnum() for part in model.replace("-", ".").split(".")):
            raise Misconfigured("a Gemini model is named like gemini-3.5-flash")
        super().__init__("Gemini", concurrency, deadline_s)
        self.model = model
        self._api_key = checked_key("Gemini", api_key)
        self._base_url = checked_url("Gemini", base_url or BASE_URL)
        self._prices = prices or default_prices()
        self._sdk: Client | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, {self._base_url!r})"

    async def load(self) -> None:
        """Import the SDK, and make its client, which takes a fifth of a second more."""
        await super().load()
        self._client()

    async def close(self) -> None:
        sdk, self._sdk = self._sdk, None
        if sdk is not None:
            sdk.close()
        await super().close()

    async def _ask(self, turn: Turn, request: Callable[["AsyncModels"], Awaitable[A]]) -> A:
        """Make one request. Raises what entering the turn raises, and what `providers.errors` says."""
        if self._sdk is None:
            await self.load()
        models = self._client().aio.models
        with watched(turn) as exchange:
            try:
                return await request(models)
            except Exception as error:
                # `from None`: the SDK's errors carry headers and bodies, which must not travel on as a cause.
                raise from_failure(self.provider, error, exchange) from None

    def _client(self) -> "Client":
        # Kept as long as the engine: the SDK's client closes itself when nobody refers to it any more.
        if self._sdk is None:
            from google.genai import Client
            from google.genai.types import HttpOptions

            options = HttpOptions(
                base_url=self._base_url,
                api_version=_VERSION,
                timeout=max(1, round(self.deadline_s * 1_000)),
                httpx_async_client=self.connections(),
            )
            self._sdk = Client(enterprise=False, api_key=self._api_key, http_options=options)
        return self._sdk
