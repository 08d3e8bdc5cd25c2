"""Sarvam's Bulbul text-to-speech as a local server, faithful to what sarvamai 0.1.39 sends and expects.

`POST /text-to-speech`, key in `api-subscription-key`, JSON in, `{"request_id", "audios": [base64 WAV]}` out; errors are
`{"error": {"message", "code", "request_id"}}`. The control endpoints are under `/_emulator/` (see `emulators.control`).
"""

from dataclasses import dataclass
from typing import Any, get_args

from sarvamai.types.text_to_speech_language import TextToSpeechLanguage
from sarvamai.types.text_to_speech_speaker import TextToSpeechSpeaker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators import tone
from emulators.control import control_routes, expose_transport
from emulators.endpoint import Body, Endpoint, Refusal, json_object
from emulators.knobs import Board, Fault, Kind, Knobs

LANGUAGES = frozenset(get_args(get_args(TextToSpeechLanguage)[0]))
_V2 = ("anushka", "abhilash", "manisha", "vidya", "arya", "karun", "hitesh")
_V3 = tuple(name for name in get_args(get_args(TextToSpeechSpeaker)[0]) if "_" not in name and name not in _V2)


@dataclass(frozen=True)
class Model:
    """What one model takes."""

    speakers: tuple[str, ...]
    default_speaker: str
    max_chars: int
    pace: tuple[float, float]
    rates: frozenset[int]
    pitch_and_loudness: bool


_RATES = frozenset({8_000, 16_000, 22_050, 24_000})
MODELS = {
    "bulbul:v2": Model(_V2, "anushka", 1_500, (0.3, 3.0), _RATES, True),
    "bulbul:v3": Model(_V3, "shubh", 2_500, (0.5, 2.0), _RATES | {32_000, 44_100, 48_000}, False),
}
CODES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota_error",
    403: "invalid_api_key_error",
    404: "not_found_error",
    422: "unprocessable_entity_error",
    429: "rate_limit_exceeded_error",
    500: "internal_server_error",
    502: "model_call_error",
    503: "rate_limit_exceeded_error",
    504: "gateway_timeout_error",
}


@dataclass(frozen=True)
class Asked:
    """A valid request, as far as the answer depends on it."""

    text: str
    rate: int
    pace: float


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    tone.wav_base64("")  # makes the track now, not within the first call
    board = Board(knobs)
    speech = _Speech(board)
    routes = [Route("/text-to-speech", speech, methods=["POST"]), *control_routes(board)]
    return expose_transport(Starlette(routes=routes))


class _Speech(Endpoint[Asked]):
    """`POST /text-to-speech`."""

    codes = CODES
    too_many = "Rate limit exceeded. Please retry after some time."
    quota_code = CODES[402]

    def admits(self, request: Request) -> bool:
        return request.headers.get("api-subscription-key") == self.board.knobs.key

    def refused_key(self) -> Refusal:
        return Refusal(403, "Invalid or missing API key. Please verify your subscription key.")

    async def read(self, request: Request) -> Asked:
        return _validate(await json_object(request))

    def unit(self, asked: Asked) -> str:
        return asked.text

    async def answer(self, asked: Asked, rule: Fault | None, number: int) -> Body:
        return _body(rule, asked, number)

    def error(
        self, status: int, message: str, code: str | None, number: int, headers: dict[str, str] | None = None
    ) -> Response:
        error = {"request_id": _request_id(number), "message": message, "code": code or "internal_server_error"}
        return JSONResponse({"error": error}, status, headers)


def _validate(fields: dict[str, Any]) -> Asked:
    text, language = fields.get("text"), fields.get("language_code", fields.get("target_language_code"))
    if isinstance(text, list):
        raise Refusal(400, "'text' must be a string. Use 'inputs' for multiple text segments.")
    if not isinstance(text, str):
        raise Refusal(422, "Validation Error: text: Field required")
    if not isinstance(language, str):
        raise Refusal(422, "Validation Error: language_code: Field required")
    if language not in LANGUAGES:
        raise Refusal(400, f"Language code must be one of {', '.join(sorted(LANGUAGES))}.")
    name = fields.get("model") or "bulbul:v3"
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        raise Refusal(400, f"Model must be one of {', '.join(MODELS)}.")
    if (fields.get("speaker") or model.default_speaker) not in model.speakers:
        raise Refusal(400, f"Speaker is not compatible with model {name}. Available: {', '.join(model.speakers)}.")
    if not text.strip():
        raise Refusal(400, "Text cannot be empty.")
    if len(text) > model.max_chars:
        raise Refusal(400, f"Text must not exceed {model.max_chars} characters for {name}.")
    if not model.pitch_and_loudness and any(fields.get(option) is not None for option in ("pitch", "loudness")):
        raise Refusal(400, f"Pitch and loudness are not supported for {name}.")
    pace, rate = fields.get("pace") or 1.0, fields.get("speech_sample_rate") or tone.RATE
    if not isinstance(pace, int | float) or not model.pace[0] <= pace <= model.pace[1]:
        raise Refusal(400, f"Pace must be between {model.pace[0]} and {model.pace[1]}.")
    if rate not in model.rates:
        raise Refusal(400, f"Sample rate must be one of {', '.join(map(str, sorted(model.rates)))}.")
    if (fields.get("output_audio_codec") or "wav") != "wav":
        raise Refusal(400, "This emulator makes wav only.")
    return Asked(text, rate, pace)


def _body(rule: Fault | None, asked: Asked, number: int) -> Body:
    """A good answer, its audio spoilt as the rule says."""
    kind = rule.kind if rule else None
    audio = tone.wav_base64(asked.text, asked.rate, asked.pace)
    if rule and kind is Kind.CUT:
        whole = b"".join(audio)
        audio = [whole[: int(len(whole) * rule.keep) // 4 * 4]]
    elif kind is Kind.ZERO:
        audio = []
    elif kind is Kind.SILENT:
        audio = [audio[0], *(b"A" * len(piece) for piece in audio[1:])]
    elif kind is Kind.GARBAGE:
        audio = [b"!! this is not base64 !!"]
    head = b'{"request_id":"' + _request_id(number).encode() + b'","audios":['
    return Body(head + b"]}" if kind is Kind.NO_AUDIO else b"".join([head, b'"', *audio, b'"]}']))


def _request_id(number: int) -> str:
    return f"emulated-{number:06d}"
