"""Webhooks as Replicate sends them: signed by Standard Webhooks, several times or out of order when told so."""

import asyncio
import base64
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import httpx

from emulators.knobs import Board

if TYPE_CHECKING:
    from emulators.replicate.predictions import Prediction, Predictions

KEY = b"the emulated account's webhook key"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
_LOOK_S = 0.02


def signed(event_id: str, body: bytes, at: int | None = None) -> dict[str, str]:
    """The headers that a webhook's body is sent with; `at` is the time in seconds."""
    stamp = str(int(time.time()) if at is None else at)
    mark = hmac.digest(KEY, f"{event_id}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
        "content-type": "application/json",
    }


class Webhooks:
    """Reports on predictions to whoever wanted it."""

    def __init__(self, board: Board, predictions: "Predictions") -> None:
        self.board = board
        self.predictions = predictions
        self.sending: set[asyncio.Task[None]] = set()

    async def begin(self, prediction: "Prediction") -> None:
        """Report on a new prediction from now on; all of it before this returns, when the knobs say `early`."""
        if prediction.asked.webhook is None or self.board.knobs.webhook_copies == 0:
            return
        task = asyncio.create_task(self._report(prediction, prediction.asked.webhook))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)
        if self.board.knobs.webhook_order == "early":
            await task

    async def _report(self, prediction: "Prediction", url: str) -> None:
        from emulators.replicate.predictions import ENDED

        started = self.predictions.described(prediction, "processing")
        while self.predictions.status(prediction) not in ENDED:  # noqa: ASYNC110  # the knob may change meanwhile
            await asyncio.sleep(_LOOK_S)
        events = [("start", started), ("completed", self.predictions.described(prediction))]
        if self.board.knobs.webhook_order == "reversed":
            events.reverse()
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            for name, body in events:
                if name in prediction.asked.events:
                    for _ in range(self.board.knobs.webhook_copies):
                        await self._send(client, url, f"msg_{prediction.id}_{name}", body)

    async def _send(self, client: httpx.AsyncClient, url: str, event_id: str, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        try:
            await client.post(url, content=content, headers=signed(event_id, content))
        except httpx.HTTPError:
            pass  # nobody listens there: whoever asked looks again by himself
