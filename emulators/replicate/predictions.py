"""Predictions, how they stand, and their files: everything that costs nothing."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators import ambience, drawing
from emulators.endpoint import HTML
from emulators.knobs import Board, Fault, Kind
from emulators.replicate.webhooks import SECRET

PAGE = 100
SIZES = {"1:1": (512, 512), "4:3": (640, 480), "3:4": (480, 640), "16:9": (640, 360), "9:16": (360, 640)}
ENDED = ("succeeded", "failed", "canceled", "aborted")


@dataclass(frozen=True)
class Asked:
    """A valid request for a prediction."""

    model: str
    version: str
    sound: bool
    input: dict[str, Any]
    webhook: str | None
    events: tuple[str, ...]


@dataclass
class Prediction:
    """One prediction."""

    id: str
    asked: Asked
    rule: Fault | None
    """What is wrong with it, if anything."""
    base_url: str
    created: float = field(default_factory=time.monotonic)
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    cancelled: str | None = None
    """The status that it was cancelled with."""


class Predictions:
    """All predictions of the account."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.kept: dict[str, Prediction] = {}

    def status(self, prediction: Prediction) -> str:
        """How it stands."""
        if prediction.cancelled:
            return prediction.cancelled
        passed_ms = (time.monotonic() - prediction.created) * 1_000
        if passed_ms < self.board.knobs.job_ms:
            return "starting" if passed_ms < self.board.knobs.job_ms / 4 else "processing"
        if prediction.rule and prediction.rule.kind is Kind.JOB_FAILED:
            return prediction.rule.code if prediction.rule.code in ENDED else "failed"
        return "succeeded"

    def described(self, prediction: Prediction, status: str | None = None) -> dict[str, Any]:
        """It as JSON, as it stands or as it stood."""
        asked, status, now = prediction.asked, status or self.status(prediction), datetime.now(UTC).isoformat()
        gone = status in ENDED and self.board.knobs.outputs_gone
        started = status not in ("starting", "aborted")
        here = f"{prediction.base_url}/v1/predictions/{prediction.id}"
        return {
            "id": prediction.id,
            "model": asked.model,
            "version": asked.version,
            "input": {} if gone else asked.input,
            "logs": "",
            "output": self._output(prediction) if status == "succeeded" and not gone else None,
            "data_removed": gone,
            "error": _error(prediction) if status == "failed" else None,
            "source": "api",
            "status": status,
            "created_at": prediction.created_at,
            "started_at": prediction.created_at if started else None,
            "completed_at": now if status in ENDED else None,
            "urls": {"get": here, "cancel": f"{here}/cancel"},
            "metrics": {"predict_time": 1.25, "total_time": 1.5} if status in ENDED and started else {},
            **({"webhook": asked.webhook} if asked.webhook else {}),
            **({"webhook_events_filter": list(asked.events)} if asked.webhook else {}),
        }

    def _output(self, prediction: Prediction) -> str | list[str]:
        name = "out.wav" if prediction.asked.sound else "out.png"
        url = f"{prediction.base_url}/files/{prediction.id}/{name}"
        return url if prediction.asked.sound else [url]

    async def looked_at(self, request: Request) -> Response:
        rule = self._rule("look")
        found = self._found(request, rule)
        return found if isinstance(found, Response) else _json(self.described(found), rule)

    async def cancelled(self, request: Request) -> Response:
        found = self._found(request, self._rule("cancel"))
        if isinstance(found, Response):
            return found
        status = self.status(found)
        if status not in ENDED:
            found.cancelled = "aborted" if status == "starting" else "canceled"
        return _json(self.described(found))

    async def listed(self, request: Request) -> Response:
        rule = self._rule("list")
        if refusal := self.refusal(request, rule):
            return refusal
        newest, first = list(self.kept.values())[::-1], int(request.query_params.get("cursor", 0))
        following = f"{str(request.base_url).rstrip('/')}/v1/predictions?cursor={first + PAGE}"
        return _json(
            {
                "previous": None,
                "next": following if first + PAGE < len(newest) else None,
                "results": [self.described(each) for each in newest[first : first + PAGE]],
            },
            rule,
        )

    async def secret(self, request: Request) -> Response:
        return self.refusal(request, None) or _json({"key": SECRET})

    async def file(self, request: Request) -> Response:
        """An output's bytes, at a host that has no business with anybody's token."""
        found = self.kept.get(request.path_params["id"])
        rule = self._rule("file")
        if rule and rule.kind is Kind.STATUS:
            return Response(b"", rule.status)
        if "authorization" in request.headers:
            return Response(b"a token was sent to a file's host", 400)
        if found is None or self.board.knobs.outputs_gone or self.status(found) != "succeeded":
            return Response(b"", 404)
        return await asyncio.to_thread(_file, found)

    def refusal(self, request: Request, rule: Fault | None) -> Response | None:
        """What is said to a wrong token, or because a rule wants it."""
        if request.headers.get("authorization") != f"Bearer {self.board.knobs.key}":
            return problem(401, "You did not pass a valid authentication token", "Unauthenticated")
        if rule and rule.kind is Kind.STATUS:
            headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
            return problem(rule.status, "Scripted", headers=headers)
        return Response(HTML, media_type="text/html") if rule and rule.kind is Kind.HTML else None

    def _found(self, request: Request, rule: Fault | None) -> Prediction | Response:
        found = self.kept.get(request.path_params["id"])
        missing = problem(404, "The requested resource could not be found.")
        return self.refusal(request, rule) or found or missing

    def _rule(self, what: str) -> Fault | None:
        """The rule that was made for such requests; one for any call is for those that create predictions."""
        made = any(rule.match == what for rule in self.board.knobs.faults)
        return self.board.fault(what, 0) if made else None


def problem(status: int, detail: str, title: str = "Error", headers: dict[str, str] | None = None) -> Response:
    """An error in Replicate's shape."""
    body = {"title": title, "detail": detail, "status": status}
    return JSONResponse(body, status, headers, "application/problem+json")


def _json(body: dict[str, Any], rule: Fault | None = None) -> Response:
    whole = JSONResponse(body).body
    cut = rule is not None and rule.kind is Kind.TRUNCATED
    return Response(bytes(whole[: len(whole) // 2] if cut else whole), media_type="application/json")


def _error(prediction: Prediction) -> str:
    code = prediction.rule.code if prediction.rule else None
    return "NSFW content detected. Try a different prompt." if code == "nsfw" else "CUDA out of memory"


def _file(prediction: Prediction) -> Response:
    asked, rule = prediction.asked, prediction.rule
    kind = rule.kind if rule else None
    prompt = str(asked.input["prompt"])
    if asked.sound:
        content, media_type = ambience.wav(prompt, asked.input["duration"], silent=kind is Kind.SILENT), "audio/wav"
    else:
        width, height = SIZES[asked.input.get("aspect_ratio", "1:1")]
        content, media_type = drawing.png(f"{prompt} {asked.input.get('seed')}", width, height), "image/png"
    if rule and kind is Kind.CUT:
        content = content[: int(len(content) * rule.keep)]
    elif kind is Kind.ZERO:
        content = b""
    elif kind in (Kind.GARBAGE, Kind.WRONG_TYPE):
        content = b"this is a text file\n" * 100
    return Response(content, media_type=media_type)
