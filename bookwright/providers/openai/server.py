"""One server: its address, its key, its connections, and the one way in which it is asked."""

import ipaddress
import json
from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from bookwright.contracts.errors import BadAnswer, Misconfigured
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import Price, PriceTable, Unit, default_prices
from bookwright.providers.connected import Connected
from bookwright.providers.errors import from_answer, from_failure
from bookwright.providers.http import watched

PROVIDER = "openai-compatible"
OPENAI, OPENAI_HOST = "openai", "api.openai.com"
_OWN_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


class Server(Connected):
    """What the engines of such a server have in common. `operation` is theirs in the ledger and the price table."""

    provider: str
    """`openai` for OpenAI itself, which the price table knows, else `openai-compatible`."""
    operation: ClassVar[str]
    counted: ClassVar[Collection[Unit]]
    """What the price may be by, besides the call."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        concurrency: int = 4,
        deadline_s: float = 120,
        prices: PriceTable | None = None,
    ) -> None:
        """`base_url` is with its path, such as `http://127.0.0.1:11434/v1`; without any, `/v1` is taken. `deadline_s`
        is for each wait for the server. Raises Misconfigured, also for a server elsewhere whose prices are not known:
        the price that ships, nothing, is that of machines of one's own."""
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise Misconfigured("the base URL of an OpenAI-compatible server is to be an absolute http or https URL")
        if parts.username is not None or parts.password is not None:
            raise Misconfigured("the base URL of an OpenAI-compatible server must hold no password: set it as the key")
        if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
            raise Misconfigured("the key of an OpenAI-compatible server is to be printable characters without spaces")
        if not model.strip():
            raise Misconfigured("an OpenAI-compatible server needs a model")
        super().__init__("an OpenAI-compatible server", concurrency, deadline_s)
        self.provider = OPENAI if parts.hostname == OPENAI_HOST else PROVIDER
        self.model = model
        self._base_url = base_url.rstrip("/") + ("" if parts.path.strip("/") else "/v1")
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._price = self._priced(prices or default_prices(), parts.hostname)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, {self._base_url!r})"

    async def ask(self, turn: Turn, path: str, **content: Any) -> bytes:
        """The body of a good answer to one POST. `content` is as httpx takes it. Raises what entering the turn raises,
        and what `providers.errors` says."""
        with watched(turn) as exchange:
            try:
                answer = await self.connections().post(self._base_url + path, headers=self._headers, **content)
            except Exception as error:
                # `from None`: httpx's errors carry the request with its key.
                raise from_failure(self.provider, error, exchange) from None
            if answer.status_code != 200:
                raise from_answer(self.provider, answer.status_code, answer.headers, _parsed(answer.content))
            return answer.content

    async def ask_json(self, turn: Turn, path: str, **content: Any) -> dict[str, Any]:
        """The same for an answer that is a JSON object. Raises BadAnswer for anything else."""
        body = _parsed(await self.ask(turn, path, **content))
        if not isinstance(body, dict):
            raise BadAnswer(f"{self.provider} answered something that is no JSON object, or is cut")
        if body.get("error"):  # some proxies report errors with 200
            raise BadAnswer(f"{self.provider} answered 200, and an error")
        return body

    def cost(self, units: Mapping[Unit, int | float]) -> int:
        """Micros of a US dollar for one call of so many units."""
        return self._price.cost_micros({Unit.CALL: 1, **units})

    def _priced(self, prices: PriceTable, host: str) -> Price:
        asked = self.provider, self.model, self.operation, {Unit.CALL, *self.counted}
        price = prices.price(*asked)
        if self.provider == PROVIDER and not _is_own(host) and price == default_prices().price(*asked):
            raise Misconfigured(
                f"no price is known for {self.model} of the OpenAI-compatible server {host}: add one of the provider "
                f"{self.provider} to a file and name it in BOOKWRIGHT_PRICES; 0 for a server of your own"
            )
        return price


def _is_own(host: str) -> bool:
    """Whether the name says that the machine is one's own: a private address, a name without or with a local domain."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.lower().rstrip(".").endswith(_OWN_NAMES)


def _parsed(body: bytes) -> object:
    """JSON, or None for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def external_id(body: Mapping[str, Any]) -> str | None:
    """The server's own name for the call."""
    found = body.get("id")
    return found[:200] if isinstance(found, str) and found else None


def count(usage: object, name: str) -> int | None:
    """A number of tokens; None when the server says none."""
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None
