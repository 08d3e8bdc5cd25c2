"""Requests to Replicate through its SDK (replicate 1.0.7), without what the SDK adds to them.

It retries each GET up to ten times, drops the headers of errors, refuses the status `aborted`, drops a prediction's
`webhook`, and would send our token to whatever host an output is at. So errors are raised before it sees them, what
counts is the body of the answer and not what the SDK makes of it, and outputs are fetched by the guarded client.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import httpx

from bookwright.contracts.errors import BadAnswer, Misconfigured
from bookwright.contracts.ports.calls import Turn
from bookwright.providers.connected import checked_key, checked_url
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.http import make_transport, watched

if TYPE_CHECKING:
    from replicate.client import Client
    from replicate.prediction import Predictions

PROVIDER = "replicate"
BASE_URL = "https://api.replicate.com"
_MODEL = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+(:[0-9a-f]{64})?")
MAX_BODY = 8 * 1024 * 1024
"""Bytes of JSON: a prediction may repeat the pictures of its input."""


class Asking:
    """One account's requests. Opened with the first one."""

    def __init__(self, api_key: str, base_url: str | None, model: str, concurrency: int, deadline_s: float) -> None:
        """Raises Misconfigured for a missing or malformed key, model name or base URL."""
        if not _MODEL.fullmatch(model):
            raise Misconfigured("a model at Replicate is named as owner/name, or as owner/name:version")
        if concurrency < 1 or deadline_s <= 0:
            raise Misconfigured("Replicate's concurrency and deadline must be more than 0")
        self.base_url = checked_url("Replicate", base_url or BASE_URL)
        self._api_key = checked_key("Replicate", api_key, "API token")
        self._concurrency = concurrency
        self._deadline_s = deadline_s
        self._sdk: Client | None = None
        self._opening = asyncio.Lock()
        self._transport: httpx.AsyncBaseTransport | None = None

    async def ask(
        self, request: "Callable[[Predictions], Awaitable[object]]", turn: Turn | None = None
    ) -> dict[str, Any]:
        """Let the SDK make one request within the turn; the answer is the body as it came. Raises what
        `providers.errors` says, and BadAnswer for a body that is none."""
        sdk = await self._client()
        with watched(turn or nullcontext()) as exchange:
            try:
                await request(sdk.predictions)
            except Exception as error:
                # ValueError of a good status: the SDK's own idea of a prediction, or no JSON, which is seen below.
                if not isinstance(error, ValueError) or exchange.status not in (200, 201, 202):
                    raise from_failure(PROVIDER, error, exchange) from None
            assert exchange.response is not None
            try:
                body = exchange.response.json()
            except ValueError:
                body = None
        if not isinstance(body, dict):
            raise BadAnswer(f"{PROVIDER}'s answer is no JSON object")
        return body

    async def close(self) -> None:
        """Close the connections."""
        transport, self._transport, self._sdk = self._transport, None, None
        if transport is not None:
            await transport.aclose()

    async def _client(self) -> "Client":
        async with self._opening:
            if self._sdk is None:
                client = (await asyncio.to_thread(import_module, "replicate.client")).Client
                # Looks go beside the predictions that are being created.
                kept = 2 * self._concurrency
                self._transport = _Plain(make_transport(connections=kept, kept=kept, max_answer_bytes=MAX_BODY))
                self._sdk = client(
                    self._api_key,
                    base_url=self.base_url,
                    timeout=httpx.Timeout(self._deadline_s),
                    transport=self._transport,
                    headers={"accept-encoding": "identity"},
                    trust_env=False,
                )
            return self._sdk


class _Plain(httpx.AsyncBaseTransport):
    """Raises what an error status stands for: the SDK's own transport, which would ask again, never sees it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if response.status_code < 300:
            return response
        try:
            await response.aread()
            body = response.json()
        except ValueError:
            body = None
        finally:
            await response.aclose()
        raise from_answer(PROVIDER, response.status_code, response.headers, body)

    async def aclose(self) -> None:
        await self._inner.aclose()
