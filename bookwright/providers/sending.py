"""Sending webhooks and alerts: signed as Standard Webhooks has it, through the guarded client."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from bookwright.contracts.deliveries import Alert, Outlet
from bookwright.contracts.errors import BookwrightError
from bookwright.contracts.ports.deliveries import Answer, Parcel
from bookwright.signatures import key_in, signature

if TYPE_CHECKING:
    import httpx

    from bookwright.providers.guarded import GuardedClient

AGENT = "Bookwright/1"
DEADLINE_S = 15.0
LONGEST_WAIT_S = 4 * 3600
"""The most that a receiver's Retry-After is believed."""
CONNECTIONS = 20
_ASKS_TO_WAIT = (429, 503)


class Request(NamedTuple):
    """What is sent to one of the operator's outlets."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class HttpMessenger:
    """A `Messenger`. For one event loop; call `close` in the end."""

    def __init__(
        self,
        render: Callable[[Outlet, Alert], Request | None],
        *,
        allowed: Collection[str] = (),
        outlets: Collection[str] = (),
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """`render` puts an alert into the words of an outlet; None when that is not set. `allowed` are the origins of
        webhooks, `outlets` those of the operator's outlets, whose addresses are not checked (see `GuardedClient`)."""
        self._render = render
        self._origins = {True: tuple(outlets), False: tuple(allowed)}
        self._deadline_s = deadline_s
        self._clients: dict[bool, GuardedClient] = {}

    async def send(self, parcel: Parcel) -> Answer:
        """See `Messenger`."""
        if parcel.alert is None:
            body = parcel.body.encode()
            return await self._post(False, Request(parcel.url, body, _signed(parcel, body)))
        request = self._render(parcel.outlet, parcel.alert)
        if request is None:
            return Answer(error="nobody is set to be told this way any more")
        return await self._post(True, request)

    async def close(self) -> None:
        """Close what is open."""
        for client in self._clients.values():
            await client.close()

    async def _post(self, to_operator: bool, request: Request) -> Answer:
        import httpx  # loaded with the first message: most workers never send any

        headers = {"content-type": "application/json", "user-agent": AGENT, **request.headers}
        began = time.perf_counter()
        status, wait_s, error = None, 0.0, None
        try:
            answer = await self._client(to_operator).post(request.url, request.body, headers)
            status, wait_s = answer.status_code, _wait(answer)
            error = None if 200 <= status < 300 else f"it was answered with status {status}"
        except BookwrightError as refused:
            error = str(refused)
        except TimeoutError:
            error = f"there was no answer within {self._deadline_s:g} s"
        except httpx.HTTPError as failure:
            error = f"there was no answer ({type(failure).__name__})"
        return Answer(status=status, error=error, ms=round((time.perf_counter() - began) * 1000), wait_s=wait_s)

    def _client(self, to_operator: bool) -> "GuardedClient":
        if to_operator not in self._clients:
            from bookwright.providers.guarded import GuardedClient

            self._clients[to_operator] = GuardedClient(
                allowed=self._origins[to_operator], deadline_s=self._deadline_s, connections=CONNECTIONS
            )
        return self._clients[to_operator]


def _signed(parcel: Parcel, body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    keys = filter(None, (key_in(secret) for secret in parcel.secrets))
    return {
        "webhook-id": parcel.delivery_id,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(signature(key, parcel.delivery_id, at, body) for key in keys),
    }


def _wait(answer: "httpx.Response") -> float:
    """How long the receiver asks to be left alone. A date is not looked at: the waits are long enough."""
    asked = answer.headers.get("retry-after", "")
    if answer.status_code not in _ASKS_TO_WAIT or not (asked.isascii() and asked.isdigit() and len(asked) < 8):
        return 0.0
    return float(min(int(asked), LONGEST_WAIT_S))
