"""ElevenLabs' sound effects as a local server, faithful to what elevenlabs 2.78 sends and expects.

`POST /v1/sound-generation`, key in `xi-api-key`, JSON in, the sound's bytes out; errors are `{"detail": {"status",
"message"}}`. The control endpoints are under `/_emulator/` (see `emulators.control`).
"""

import asyncio
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators import ambience, mp3
from emulators.control import control_routes, expose_transport
from emulators.endpoint import Body, Endpoint, Refusal, json_object
from emulators.knobs import Board, Fault, Kind, Knobs

MODELS = ("eleven_text_to_sound_v2", "eleven_text_to_sound_v3")
FORMATS = {f"mp3_44100_{kbits}": kbits for kbits in (32, 64, 96, 128)}
MAX_CHARS = 450
RATE = 44_100
CODES = {
    400: "invalid_request",
    401: "invalid_api_key",
    403: "missing_permissions",
    404: "not_found",
    422: "invalid_parameters",
    429: "too_many_concurrent_requests",
    500: "internal_error",
    503: "system_busy",
}


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    text: str
    seconds: float
    kbits: int


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    routes = [Route("/v1/sound-generation", _Sounds(board), methods=["POST"]), *control_routes(board)]
    return expose_transport(Starlette(routes=routes))


class _Sounds(Endpoint[Asked]):
    """`POST /v1/sound-generation`."""

    codes = CODES
    quota_code = "quota_exceeded"
    too_many = "Too many concurrent requests. Your current subscription has a lower limit."

    def admits(self, request: Request) -> bool:
        return request.headers.get("xi-api-key") == self.board.knobs.key

    def refused_key(self) -> Refusal:
        return Refusal(401, "Invalid API key")

    async def read(self, request: Request) -> Asked:
        return _validate(await json_object(request), request.query_params.get("output_format", "mp3_44100_128"))

    def unit(self, asked: Asked) -> str:
        return asked.text

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        kind = rule.kind if rule else None
        if kind in (Kind.ZERO, Kind.NO_AUDIO):
            sound = b""
        elif kind in (Kind.GARBAGE, Kind.WRONG_TYPE):
            sound = b"\x00 this is not a sound \x00" * 1_000
        else:
            seconds = asked.seconds * rule.keep if rule and kind is Kind.CUT else asked.seconds
            sound = await asyncio.to_thread(_sound, asked.text, seconds, asked.kbits, kind is Kind.SILENT)
        name = ("request-id", f"emulated-{number:06d}")
        return Body(sound, "audio/mpeg", headers=(name,))

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        if status == 422:
            return JSONResponse({"detail": [{"loc": ["body"], "msg": message, "type": "value_error"}]}, 422, headers)
        return JSONResponse({"detail": {"status": code or "internal_error", "message": message}}, status, headers)


def _validate(fields: dict[str, Any], form: str) -> Asked:
    text, seconds = fields.get("text"), fields.get("duration_seconds", 5.0)
    influence = fields.get("prompt_influence", 0.3)
    if not isinstance(text, str):
        raise Refusal(422, "Field required")
    if not text.strip():
        raise Refusal(400, "Text must not be empty.", "empty_text")
    if len(text) > MAX_CHARS:
        raise Refusal(400, f"Text must not be longer than {MAX_CHARS} characters.", "text_too_long")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0.5 <= seconds <= 30:
        raise Refusal(400, "Duration must be between 0.5 and 30 seconds.", "invalid_duration")
    if not isinstance(influence, int | float) or not 0 <= influence <= 1:
        raise Refusal(422, "Input should be between 0 and 1")
    if not isinstance(fields.get("loop", False), bool):
        raise Refusal(422, "Input should be a valid boolean")
    if fields.get("model_id", MODELS[0]) not in MODELS:
        raise Refusal(400, "A model with this ID does not exist.", "model_not_found")
    if form not in FORMATS:
        raise Refusal(422, f"This emulator makes {', '.join(FORMATS)} only.")
    return Asked(text, float(seconds), FORMATS[form])


def _sound(text: str, seconds: float, kbits: int, silent: bool) -> bytes:
    """The same for the same text. Encoding 30 s takes half a second of a core: it is done once, and each text has the
    frames of that noise in an order of its own."""
    frames = list(_frames(seconds, kbits, silent))
    Random(text).shuffle(frames)
    return b"".join(frames)


@cache
def _frames(seconds: float, kbits: int, silent: bool) -> list[bytes]:
    return mp3.frames(mp3.encoded(ambience.wav("", seconds, RATE, silent=silent), kbits), RATE, kbits)
