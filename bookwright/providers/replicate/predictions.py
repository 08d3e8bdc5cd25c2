"""Predictions as jobs: created once, found by the token in their webhook's address, looked at, fetched, cancelled."""

import asyncio
import binascii
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import pybase64

from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.errors import AnswerExpired, AnswerLost, BadAnswer, Misconfigured, Permanent, UnsafeAddress
from bookwright.contracts.media import RemoteState
from bookwright.contracts.ports.calls import Turn
from bookwright.money.prices import PriceTable, Unit, default_prices
from bookwright.providers.connected import Closing
from bookwright.providers.guarded import Gone, GuardedClient
from bookwright.providers.replicate.asking import PROVIDER, Asking

A = TypeVar("A")
M = TypeVar("M")

NOWHERE = "https://bookwright.invalid"
"""Where reports go when nobody can reach us: a name that never leads anywhere (RFC 2606). The token is in the address
all the same, and a prediction whose creation was not answered is found by it."""
MAX_COMPUTE_S = 300
"""What a prediction that is billed by time is reserved for."""
PAGES = 5
"""Of a hundred predictions each, the newest first, that are searched for a token."""
PAUSE_S = 1.0
_HELD_BACK = re.compile(r"nsfw|safety|sensitive|flagged|moderation|content policy", re.IGNORECASE)
_DATA = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,")
_ID = re.compile(r"[A-Za-z0-9]{1,64}")


class ReplicateEngine(Closing, ABC, Generic[A, M]):
    """`RemoteJobs` by one model. Replicate counts requests, not predictions that run: `concurrency` is for those."""

    provider = PROVIDER
    operation: str
    makes: str
    """What, in words."""
    counted: Unit
    """What its models' prices are by."""
    models: Mapping[str, M]
    """Those that are known, by `owner/name`."""
    default_model: str

    def __init__(
        self,
        api_key: str,
        base_url: str | None = None,
        model: str | None = None,
        *,
        concurrency: int = 8,
        deadline_s: float = 300,
        prices: PriceTable | None = None,
        outputs_from: Collection[str] = (),
    ) -> None:
        """`model` is `owner/name`, or `owner/name:version` for a model that has no running instance of its own.
        `deadline_s` is for each wait for Replicate, and `outputs_from` are origins besides the open internet that
        outputs may be fetched from. Raises Misconfigured."""
        model = model or self.default_model
        self._asking = Asking(api_key, base_url, model, concurrency, deadline_s)
        self.model = model
        self.concurrency = concurrency
        self.deadline_s = deadline_s
        units = (self.counted, Unit.CALL, Unit.COMPUTE_SECOND)
        self._price = (prices or default_prices()).price(PROVIDER, model, self.operation, units)
        self._by_time = Unit.COMPUTE_SECOND in self._price.rates
        self._files = GuardedClient(allowed=outputs_from, deadline_s=deadline_s)
        known = self.models.get(model.partition(":")[0])
        if known is None:
            raise Misconfigured(f"of Replicate's models of {self.makes}, {', '.join(self.models)} are known here")
        self._known = known

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, {self._asking.base_url!r})"

    async def create(
        self,
        call: ProviderCall,
        turn: Turn,
        token: str,
        webhook: str | None,
        recording: Path | None = None,
        references: Sequence[bytes] = (),
    ) -> str:
        """Create the prediction. An answer that can't be read is a lost one: the prediction is there."""
        name, _, version = call.model.partition(":")
        wanted: dict[str, Any] = {"version": version} if version else {"model": name}
        wanted |= {"webhook": webhook or f"{NOWHERE}/{token}", "webhook_events_filter": ["completed"]}
        given = {name: value for name, value in call.input.items() if name != "references"} | self._given(references)
        try:
            body = await self._asking.ask(lambda each: each.async_create(**wanted, input=given), turn)
            return _identity(body)
        except BadAnswer as error:
            raise AnswerLost(f"{PROVIDER} took the call, but its answer can't be read: {error}") from None

    async def find(self, token: str) -> str | None:
        """Look through the newest predictions for the one whose webhook's address ends with the token."""
        following: str | None = None
        for _ in range(PAGES):
            page = {} if following is None else {"cursor": following}
            body = await self._asking.ask(lambda each, page=page: each.async_list(**page))  # type: ignore[misc]
            for found in body.get("results") or ():
                if str(found.get("webhook") or "").endswith(f"/{token}"):
                    return _identity(found)
            following = body.get("next")
            if not following:
                return None
        return None

    async def look(self, external_id: str) -> RemoteState:
        """How it stands. One that is not there any more has been deleted, and ended so."""
        try:
            body = await self._asking.ask(lambda each: each.async_get(external_id))
        except Permanent:
            return RemoteState(external_id=external_id, ended=True, error="deleted")
        match body.get("status"):
            case "starting" | "processing":
                return RemoteState(external_id=external_id, ended=False)
            case "succeeded":
                return RemoteState(external_id=external_id, ended=True, cost_micros=self._cost(body))
            case "aborted":  # before it began
                return RemoteState(external_id=external_id, ended=True, error="aborted", cost_micros=0)
            case "canceled":
                cost = self._cost_without_output(body)
                return RemoteState(external_id=external_id, ended=True, error="canceled", cost_micros=cost)
            case "failed":
                error = "blocked" if _HELD_BACK.search(str(body.get("error"))) else "failed"
                cost = self._cost_without_output(body)
                return RemoteState(external_id=external_id, ended=True, error=error, cost_micros=cost)
        raise BadAnswer(f"{PROVIDER} does not say how the prediction stands")

    async def collect(self, call: ProviderCall, external_id: str) -> A:
        """Fetch its output, which Replicate deletes an hour after the end."""
        body = await self._asking.ask(lambda each: each.async_get(external_id))
        cost = self._cost(body)
        try:
            return self._answer(await self._output(body), call.max_cost_micros if cost is None else cost, external_id)
        except BadAnswer as useless:
            useless.cost_micros = cost
            raise

    async def cancel(self, external_id: str) -> None:
        """Stop it."""
        try:
            await self._asking.ask(lambda each: each.async_cancel(external_id))
        except Permanent:
            return  # it is not there any more

    async def close(self) -> None:
        """Close the connections. The engine can be used again for predictions; it then opens new ones."""
        await self._asking.close()
        await self._files.close()

    @abstractmethod
    def _answer(self, output: bytes, cost_micros: int, external_id: str) -> A:
        """The output, checked. Raises BadAnswer."""

    def _given(self, references: Sequence[bytes]) -> dict[str, Any]:
        """What goes into the input besides what the call names."""
        return {}

    async def _at_once(self, call: ProviderCall, turn: Turn, references: Sequence[bytes] = ()) -> A:
        """Create, look until it has ended, fetch: for callers who need not find it again after a crash."""
        async with asyncio.timeout(self.deadline_s):
            external_id = await self.create(call, turn, secrets.token_urlsafe(32), None, references=references)
            while not (state := await self.look(external_id)).ended:  # noqa: ASYNC110  # nobody tells us
                await asyncio.sleep(PAUSE_S)
            if state.error is not None:
                raise BadAnswer(f"{PROVIDER}'s prediction ended without an answer ({state.error})")
            return await self.collect(call, external_id)

    @property
    def _most(self) -> int:
        return self._price.cost_micros({self.counted: 1, Unit.CALL: 1, Unit.COMPUTE_SECOND: MAX_COMPUTE_S})

    def _cost(self, body: dict[str, Any]) -> int | None:
        """What a prediction costs that has made something; None when it is billed by time and does not say how long."""
        seconds = (body.get("metrics") or {}).get("predict_time")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
            if self._by_time:
                return None
            seconds = 0
        return self._price.cost_micros({self.counted: 1, Unit.CALL: 1, Unit.COMPUTE_SECOND: seconds})

    def _cost_without_output(self, body: dict[str, Any]) -> int | None:
        """What one costs that has made nothing: nothing before it began, else as much as one that has, at most."""
        return self._cost(body) if body.get("started_at") else 0

    async def _output(self, body: dict[str, Any]) -> bytes:
        output = body.get("output")
        url = output[0] if isinstance(output, list) and output else output
        if url is None:
            raise AnswerExpired(f"{PROVIDER} has deleted the prediction's output")
        if not isinstance(url, str):
            raise BadAnswer(f"{PROVIDER}'s prediction has an output that is no file")
        if packed := _DATA.match(url):
            try:
                return pybase64.b64decode(url[packed.end() :], validate=True)
            except (binascii.Error, ValueError):
                raise BadAnswer(f"{PROVIDER}'s output is not base64") from None
        try:
            return (await self._files.fetch(url)).content
        except Gone:
            raise AnswerExpired(f"{PROVIDER} has deleted the prediction's output") from None
        except UnsafeAddress as unsafe:
            raise BadAnswer(f"{PROVIDER}'s output is at an address that nothing is fetched from") from unsafe


def _identity(body: dict[str, Any]) -> str:
    found = body.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise BadAnswer(f"{PROVIDER} names no prediction")
    return found
