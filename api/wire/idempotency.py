"""Idempotency-Key: the same POST sent again gets the first answer, whatever happened to it on its way."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response

from api.deps import TheBackend, TheCaller
from api.schemas.problems import Problem
from bookwright.contracts.errors import ServiceUnavailable
from bookwright.contracts.ids import OwnerId
from bookwright.store.jobs.first_answers import FIELD, FirstAnswer, FirstAnswers

HOLD_S = 3.0
"""How often a request that is worked on says so; well within what it is believed for."""
_KEPT = ("location", "retry-after", "link", "etag", "content-type")
REPLAYED = "Idempotency-Replayed"
IDEMPOTENT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "The state does not allow it, or this key's first request is under way."},
    422: {"model": Problem, "description": "The request is not valid, or this key was used for another one."},
}
"""What a route documents besides its own answers."""

Work = Callable[[], Awaitable[Response]]


class Once:
    """Makes an answer, or repeats the one that was given under the request's key. Without a key it makes one."""

    def __init__(self, request: Request, answers: FirstAnswers, owner: OwnerId, key: str | None) -> None:
        self._request = request
        self._answers = answers
        self._owner = owner
        self._key = key

    @property
    def keyed(self) -> bool:
        """Whether the request may be one that was answered before."""
        return self._key is not None

    async def __call__(self, work: Work, *, digest: str | None = None) -> Response:
        """The answer. `digest` stands for a body that is not read here, such as an upload's. An error is not kept:
        the next request with the key is worked on again. Raises BadInput or Conflict."""
        if self._key is None:
            return await work()
        asked = digest or hashlib.sha256(await self._request.body()).hexdigest()
        url = self._request.url
        whole = hashlib.sha256(f"{self._request.method}\n{url.path}?{url.query}\n{asked}".encode()).hexdigest()
        if first := await self._answers.begin(self._owner, self._key, whole):
            return Response(first.body, first.status, first.headers | {REPLAYED: "true"})
        try:
            async with self._held(self._key):
                answer = await work()
        except BaseException:
            with suppress(ServiceUnavailable):  # the hold ends by itself
                await asyncio.shield(self._answers.forget(self._owner, self._key))
            raise
        headers = {name: value for name, value in answer.headers.items() if name in _KEPT}
        kept = FirstAnswer(status=answer.status_code, headers=headers, body=bytes(answer.body).decode())
        await self._answers.finish(self._owner, self._key, kept)
        return answer

    @asynccontextmanager
    async def _held(self, key: str) -> AsyncIterator[None]:
        async def hold() -> None:
            while True:
                await asyncio.sleep(HOLD_S)
                with suppress(ServiceUnavailable):
                    await self._answers.hold(self._owner, key)

        holding = asyncio.create_task(hold())
        try:
            yield
        finally:
            holding.cancel()


async def once(
    request: Request,
    backend: TheBackend,
    caller: TheCaller,
    key: Annotated[
        str | None,
        Header(
            alias=FIELD,
            min_length=1,
            max_length=255,
            pattern="^[!-~]+$",
            description="Sent again with the same body, the request is answered as the first time.",
        ),
    ] = None,
) -> Once:
    """The request's Once."""
    return Once(request, FirstAnswers(backend.database), caller.owner, key)


TheOnce = Annotated[Once, Depends(once)]
