"""Rev.ai's asynchronous transcription as a local server, faithful to what rev_ai 2.21 sends and expects.

`POST /speechtotext/v1/jobs` (multipart `media` and `options`, or JSON with `source_config`), then `GET …/jobs/{id}`,
`GET …/jobs`, `GET …/jobs/{id}/transcript` and `DELETE …/jobs/{id}`; key as `Authorization: Bearer`; errors are problem
details. A job takes `job_ms` and then calls its `notification_config`'s URL. A call is what creates a job; faults
whose `match` is `look`, `list`, `transcript` or `delete` spoil the other requests (`status`, `html`; of transcripts
also `truncated`). The control endpoints are under `/_emulator/` (see `emulators.control`).
"""

import asyncio
import hashlib
import io
import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import av
import httpx
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.control import control_routes, expose_transport
from emulators.endpoint import HTML, Body, Endpoint, Refusal, json_object
from emulators.knobs import Board, Fault, Kind, Knobs

ROOT = "/speechtotext/v1/jobs"
TRANSCRIPT = "application/vnd.rev.transcript.v1.0+json"
MAX_METADATA = 512
_LOOK_S = 0.02
_WORD_S = 0.4
_STORY = (
    "The lamp in the harbour house went out at nine, and Mira climbed the stair to light it again. "
    "She counted ninety-one steps, as she did every night; the cat counted none of them. "
    "“Somebody is out there,” she said, and the wind, which had been listening, held its breath."
)


@dataclass(frozen=True)
class Asked:
    """A valid request for a job."""

    media: bytes | None
    """None when it is to be fetched from an address, which this emulator does not do."""
    name: str | None
    metadata: str | None
    language: str
    webhook: str | None


@dataclass
class Job:
    """A job of somebody's."""

    id: str
    asked: Asked
    seconds: float | None
    """None for media that are no audio."""
    failure: str | None
    created: float = field(default_factory=time.monotonic)
    created_on: str = field(default_factory=lambda: datetime.now(UTC).isoformat()[:23])


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    jobs = _Jobs(board)
    routes = [
        Route(ROOT, _Creation(board, jobs), methods=["POST"]),
        Route(ROOT, jobs.listed, methods=["GET"]),
        Route(f"{ROOT}/{{id}}", jobs.looked_at, methods=["GET"]),
        Route(f"{ROOT}/{{id}}", jobs.deleted, methods=["DELETE"]),
        Route(f"{ROOT}/{{id}}/transcript", jobs.transcript, methods=["GET"]),
        *control_routes(board),
    ]
    return expose_transport(Starlette(routes=routes))


class _Jobs:
    """All jobs, and the requests about them that cost nothing."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.kept: dict[str, Job] = {}
        self.notifications: set[asyncio.Task[None]] = set()

    def add(self, job: Job) -> None:
        self.kept[job.id] = job
        if job.asked.webhook:
            task = asyncio.create_task(self._notify(job, job.asked.webhook))
            self.notifications.add(task)
            task.add_done_callback(self.notifications.discard)

    def described(self, job: Job) -> dict[str, Any]:
        """A job as it stands."""
        asked, done = job.asked, self._done(job)
        status = "in_progress" if not done else "failed" if job.failure else "transcribed"
        described: dict[str, Any] = {
            "id": job.id,
            "created_on": job.created_on,
            "status": status,
            "name": asked.name,
            "metadata": asked.metadata,
            "language": asked.language,
            "transcriber": "machine",
            "type": "async",
        }
        if done:
            described |= {"completed_on": datetime.now(UTC).isoformat()[:23]}
            described |= {"failure": job.failure, "failure_detail": "Scripted."} if job.failure else {}
            described |= {} if job.seconds is None else {"duration_seconds": job.seconds}
        return {name: value for name, value in described.items() if value is not None}

    def _done(self, job: Job) -> bool:
        return (time.monotonic() - job.created) * 1_000 >= self.board.knobs.job_ms

    async def _notify(self, job: Job, url: str) -> None:
        while not self._done(job):  # noqa: ASYNC110  # the knob may change meanwhile
            await asyncio.sleep(_LOOK_S)
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            try:
                await client.post(url, json={"job": self.described(job)})
            except httpx.HTTPError:
                pass  # nobody listens there: whoever asked looks again by himself

    async def looked_at(self, request: Request) -> Response:
        found = self._job(request, self._rule("look"))
        return found if isinstance(found, Response) else JSONResponse(self.described(found))

    async def deleted(self, request: Request) -> Response:
        found = self._job(request, self._rule("delete"))
        if isinstance(found, Response):
            return found
        if not self._done(found):
            return _problem(409, "Job is in progress", "a job can be deleted once it has ended")
        del self.kept[found.id]
        return Response(status_code=204)

    async def transcript(self, request: Request) -> Response:
        rule = self._rule("transcript")
        found = self._job(request, rule)
        if isinstance(found, Response):
            return found
        if not self._done(found) or found.failure:
            return _problem(409, "Job is in invalid state", "the job has no transcript")
        if request.headers.get("accept") != TRANSCRIPT:
            return _problem(406, "Not acceptable", f"this emulator answers {TRANSCRIPT}")
        whole = json.dumps(_transcript(found.seconds or 0.0)).encode()
        cut = rule is not None and rule.kind is Kind.TRUNCATED
        return Response(whole[: len(whole) // 2] if cut else whole, media_type=TRANSCRIPT)

    async def listed(self, request: Request) -> Response:
        if refusal := self._refusal(request, self._rule("list")):
            return refusal
        limit, after = int(request.query_params.get("limit", 100)), request.query_params.get("starting_after")
        newest = list(self.kept)[::-1]
        first = newest.index(after) + 1 if after in newest else 0
        return JSONResponse([self.described(self.kept[name]) for name in newest[first : first + min(limit, 1_000)]])

    def _job(self, request: Request, rule: Fault | None) -> Job | Response:
        found = self.kept.get(request.path_params["id"])
        return self._refusal(request, rule) or found or _problem(404, "Job not found", "there is no such job")

    def _refusal(self, request: Request, rule: Fault | None) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self.board.knobs.key}":
            return _problem(401, "Authorization has been denied for this request.", None)
        if rule and rule.kind is Kind.STATUS:
            headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
            return _problem(rule.status, "Scripted", None, headers)
        return Response(HTML, media_type="text/html") if rule and rule.kind is Kind.HTML else None

    def _rule(self, what: str) -> Fault | None:
        """The rule that was made for such requests; one for any call is for those that create jobs."""
        made = any(rule.match == what for rule in self.board.knobs.faults)
        return self.board.fault(what, 0) if made else None


class _Creation(Endpoint[Asked]):
    """`POST …/jobs`."""

    too_many = "Too many requests."

    def __init__(self, board: Board, jobs: _Jobs) -> None:
        super().__init__(board)
        self.jobs = jobs

    def admits(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.board.knobs.key}"

    async def read(self, request: Request) -> Asked:
        media, name = None, None
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            form = await request.form()
            file, options = form.get("media"), form.get("options", "{}")
            if not isinstance(file, UploadFile):
                raise Refusal(400, "Input request was not formatted correctly: media is missing")
            media, name = await file.read(), file.filename
            try:
                fields = json.loads(options if isinstance(options, str) else await options.read())
            except ValueError:
                raise Refusal(400, "Input request was not formatted correctly: options is no JSON") from None
        else:
            fields = await json_object(request)
            if not isinstance(fields.get("source_config"), dict) or "url" not in fields["source_config"]:
                raise Refusal(400, "Your request parameters didn't validate: source_config is missing")
        return _validate(fields, media, name)

    def unit(self, asked: Asked) -> str:
        """The recording's hash: tokens differ from attempt to attempt."""
        return hashlib.sha256(asked.media or b"").hexdigest()

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        seconds = await asyncio.to_thread(_seconds, asked.media) if asked.media is not None else 10.0
        failure = "invalid_media" if seconds is None else None
        if rule and rule.kind is Kind.JOB_FAILED:
            failure = rule.code or "transcription"
            seconds = seconds if failure == "transcription" else None
        job = Job(f"emulated{number:06d}", asked, seconds, failure)
        self.jobs.add(job)
        return Body(json.dumps(self.jobs.described(job)).encode())

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        if code == "insufficient_quota" or (status == 403 and code is None):
            body = {"title": "You do not have enough credits", "current_balance": 0, "status": 403}
            return JSONResponse(body, 403, headers, "application/problem+json")
        return _problem(status, message, None, headers)


def _problem(status: int, title: str, detail: str | None, headers: dict[str, str] | None = None) -> Response:
    body = {"title": title, "status": status} | ({} if detail is None else {"detail": detail})
    return JSONResponse(body, status, headers, "application/problem+json")


def _validate(fields: dict[str, Any], media: bytes | None, name: str | None) -> Asked:
    metadata, language = fields.get("metadata"), fields.get("language", "en")
    hook = fields.get("notification_config")
    if metadata is not None and (not isinstance(metadata, str) or len(metadata) > MAX_METADATA):
        raise Refusal(400, f"metadata must be a string of at most {MAX_METADATA} characters")
    if not isinstance(language, str) or not 2 <= len(language) <= 3:
        raise Refusal(400, "language must be a supported ISO 639 code")
    if fields.get("transcriber", "machine") not in ("machine", "low_cost", "fusion"):
        raise Refusal(400, "This emulator is a machine.")
    if hook is not None and (not isinstance(hook, dict) or not str(hook.get("url", "")).startswith("http")):
        raise Refusal(400, "notification_config must have a url")
    return Asked(media, name, metadata, language, hook["url"] if hook else None)


def _seconds(media: bytes) -> float | None:
    """How long a recording lasts; None when it is none."""
    try:
        with av.open(io.BytesIO(media), "r") as file:
            samples = sum(frame.samples for frame in file.decode(audio=0))
            return round(samples / file.streams.audio[0].rate, 2) or None
    except (av.FFmpegError, IndexError):
        return None


def _transcript(seconds: float) -> dict[str, Any]:
    """A story, told again and again until the recording is over; each time by the other of two speakers."""
    monologues: list[dict[str, Any]] = []
    at = 0.1
    while at + _WORD_S <= seconds:
        elements: list[dict[str, Any]] = []
        for written in _STORY.split():
            if at + _WORD_S > seconds:
                break
            word = written.strip("“”,.;")
            before, _, after = written.partition(word)
            marks = " " * bool(elements) + before
            if marks:
                elements.append({"type": "punct", "value": marks})
            times = {"ts": round(at, 2), "end_ts": round(at + _WORD_S * 0.9, 2), "confidence": 0.97}
            elements.append({"type": "text", "value": word, **times})
            if after:
                elements.append({"type": "punct", "value": after})
            at += _WORD_S
        monologues.append({"speaker": len(monologues) % 2, "elements": elements})
    return {"monologues": monologues}
