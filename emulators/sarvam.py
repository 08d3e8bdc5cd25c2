"""Sarvam's Bulbul text-to-speech as a local server, faithful to what sarvamai 0.1.39 sends and expects.

`POST /text-to-speech`, key in `api-subscription-key`, JSON in, `{"request_id", "audios": [base64 WAV]}` out; errors are
`{"error": {"message", "code", "request_id"}}`. The control endpoints are under `/_emulator/` (see `emulators.control`).
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, get_args

from sarvamai.types.text_to_speech_language import TextToSpeechLanguage
from sarvamai.types.text_to_speech_speaker import TextToSpeechSpeaker
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulators import tone
from emulators.control import Gone, break_off, close, control_routes, expose_transport, unless_gone
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
HTML = b"<!doctype html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


class Refusal(Exception):
    """The request is answered with an error status."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code or CODES.get(status, "internal_server_error")


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


class _Speech:
    """`POST /text-to-speech`."""

    def __init__(self, board: Board) -> None:
        self._board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        board = self._board
        number = board.count("received")
        try:
            response = await self._answer(number, scope, receive, send)
        except Refusal as refusal:
            response = _error(refusal.status, refusal.message, refusal.code, number)
        except (Gone, ClientDisconnect):
            board.count("disconnected")
            return
        if response is not None:
            if response.status_code >= 300:
                board.statuses[response.status_code] += 1
                board.count("failed")
            await response(scope, receive, send)

    async def _answer(self, number: int, scope: Scope, receive: Receive, send: Send) -> Response | None:
        """The response to send, or None when the connection has been dealt with. Raises Refusal or Gone."""
        board = self._board
        request = Request(scope, receive)
        body = await request.body()
        fields = _fields(body)
        text = fields.get("text")
        if isinstance(text, str):
            board.texts[text] += 1
        if request.headers.get("api-subscription-key") != board.knobs.key:
            raise Refusal(403, "Invalid or missing API key. Please verify your subscription key.")
        asked = _validate(fields)
        cap = board.knobs.concurrency_cap
        if cap is not None and board.counts.in_flight >= cap:
            raise Refusal(429, "Rate limit exceeded. Please retry after some time.")
        board.count("in_flight")
        try:
            if board.knobs.gate is not None:
                await unless_gone(receive, board.hold(asked.text))
            rule = board.fault(asked.text, number)
            return await self._play(rule, asked, number, scope, receive, send)
        except Gone:
            board.count("charged")
            raise
        finally:
            board.count("in_flight", -1)

    async def _play(
        self, rule: Fault | None, asked: Asked, number: int, scope: Scope, receive: Receive, send: Send
    ) -> Response | None:
        board = self._board
        kind = rule.kind if rule else None
        if rule and kind is Kind.STATUS:
            return _scripted(rule, number)
        if kind is Kind.HANG:
            await unless_gone(receive, asyncio.Event().wait())
        if kind is Kind.RESET:
            board.count("charged")
            await break_off(scope, receive)
            return None
        wait_ms = board.knobs.latency_ms + (rule.delay_ms if rule and kind is Kind.DELAY else 0)
        if wait_ms:
            await unless_gone(receive, asyncio.sleep(wait_ms / 1_000))
        board.count("charged")
        board.statuses[200] += 1
        body, media_type = _body(rule, asked, number)
        if rule is None or kind in (Kind.DELAY, Kind.DRIP):
            board.answered_texts[asked.text] += 1
            board.count("answered")
        if rule and kind in (Kind.DRIP, Kind.RESET_BODY, Kind.CLOSE_BODY):
            await _send_slowly(rule, body, scope, receive, send)
            return None
        return Response(body, media_type=media_type)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError:
        raise Refusal(400, "Request body is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise Refusal(422, "Request body must be a JSON object.")
    return fields


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


def _error(status: int, message: str, code: str, number: int, headers: dict[str, str] | None = None) -> Response:
    error = {"request_id": _request_id(number), "message": message, "code": code}
    return JSONResponse({"error": error}, status, headers)


def _scripted(rule: Fault, number: int) -> Response:
    headers = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
    if isinstance(rule.body, dict):
        return JSONResponse(rule.body, rule.status, headers)
    if rule.body is not None:
        return Response(rule.body, rule.status, headers, "text/html")
    code = rule.code or CODES.get(rule.status, "internal_server_error")
    return _error(rule.status, f"Scripted: {code.replace('_', ' ')}.", code, number, headers)


def _body(rule: Fault | None, asked: Asked, number: int) -> tuple[bytes, str]:
    """The body of a good answer, spoilt as the rule says, and its media type."""
    kind = rule.kind if rule else None
    if kind is Kind.HTML:
        return HTML, "text/html"
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
    if kind is Kind.NO_AUDIO:
        return head + b"]}", "application/json"
    body = b"".join([head, b'"', *audio, b'"]}'])
    return (body[: len(body) // 2] if kind is Kind.TRUNCATED else body), "application/json"


def _request_id(number: int) -> str:
    return f"emulated-{number:06d}"


async def _send_slowly(rule: Fault, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the body in pieces, or half of it before the connection breaks."""
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if rule.kind is Kind.DRIP:
        step = -(-len(body) // rule.pieces)
        for start in range(0, len(body), step):
            await unless_gone(receive, asyncio.sleep(rule.delay_ms / 1_000))
            more = start + step < len(body)
            await send({"type": "http.response.body", "body": body[start : start + step], "more_body": more})
        return
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    await (close if rule.kind is Kind.CLOSE_BODY else break_off)(scope, receive)
