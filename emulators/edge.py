"""The read-aloud service of Microsoft Edge as a local server, faithful to what edge-tts 7.3 sends and expects.

A websocket at `/consumer/speech/synthesize/readaloud/edge/v1`: the client sends `speech.config` and one `ssml`; it gets
`turn.start`, `response`, the audio as MP3 in binary messages, each word's place in time in an `audio.metadata`, and
`turn.end`. There is no key; the query names the client. The control endpoints are under `/_emulator/`.

Faults of its own kind: `close_body` closes in the middle, without `turn.end`; with `cut` the speech ends early though
the turn ends well; with `no_audio` only the audio does, the words go on; `truncated` breaks the metadata; with
`off_schema` the words are told otherwise than they were written; `wrong_type` calls the audio a text.
"""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from emulators import mp3, tone
from emulators.control import Gone, break_off, control_routes, expose_transport, unless_gone
from emulators.endpoint import HTML, Refusal
from emulators.knobs import Board, Fault, Kind, Knobs

PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
CLIENT = "6A5AA1D4EAFF4E9FB37E23D68491D6F4"
"""The token that every Edge browser sends."""
FORMAT = "audio-24khz-48kbitrate-mono-mp3"
RATE, KBITS = 24_000, 48
_TICKS_PER_S = 10_000_000
_PIECE = 4_800
_FRAME = 144
_VOICE = re.compile(r"Microsoft Server Speech Text to Speech Voice \(([a-z]{2,3})-.+, \w+Neural\)")
_TOKEN = re.compile(r"[0-9A-F]{16}-[0-9A-F]{64}")
_MARKS = " .,;:!?।॥\"'()«»“”—-"
_NAMESPACE = "{http://www.w3.org/2001/10/synthesis}"


@dataclass(frozen=True)
class Asked:
    """A valid request."""

    name: str
    """The request's id."""
    text: str
    words: bool
    """Whether words or sentences are placed in time."""


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn and `ws="websockets-sansio"`."""
    board = Board(knobs)
    return expose_transport(Starlette(routes=[WebSocketRoute(PATH, _Speech(board)), *control_routes(board)]))


class _Speech:
    """The websocket. A call is a connection that has asked for speech, or was turned away."""

    def __init__(self, board: Board) -> None:
        self.board = board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        board, socket = self.board, WebSocket(scope, receive, send)
        number = board.count("received")
        rule = board.fault("", number)  # one for calls with a certain text applies later, when the text is known
        if await self._turned_away(socket, rule):
            board.count("failed")
            return
        await socket.accept()
        try:
            asked = await _read(socket)
        except Refusal as refusal:
            board.count("failed")
            await socket.close(refusal.status, str(refusal))
            return
        except WebSocketDisconnect:
            board.count("disconnected")
            return
        board.texts[asked.text] += 1
        board.count("in_flight")
        try:
            if board.knobs.gate is not None:
                await unless_gone(receive, board.hold(asked.text))
            await self._play(rule or board.fault(asked.text, number), asked, socket, scope, receive)
        except (Gone, WebSocketDisconnect):
            board.count("charged")
            board.count("disconnected")
        finally:
            board.count("in_flight", -1)

    async def _turned_away(self, socket: WebSocket, rule: Fault | None) -> bool:
        """Answer the handshake with an error when it lacks what the service wants, when too many are served already,
        or when the rule says so."""
        status, body, headers = 0, b"", {}
        if not _is_edge(socket.query_params):
            status = 403
        elif (cap := self.board.knobs.concurrency_cap) is not None and self.board.counts.in_flight >= cap:
            status = 429
        elif (quota := self.board.knobs.quota) is not None and self.board.counts.charged >= quota:
            status = 429
        elif rule and rule.kind is Kind.STATUS:
            status = rule.status
            body = rule.body.encode() if isinstance(rule.body, str) else b""
            headers = {} if rule.retry_after is None else {"retry-after": str(rule.retry_after)}
        elif rule and rule.kind is Kind.HTML:
            status, body = 200, HTML
        if not status:
            return False
        self.board.statuses[status] += 1
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await socket.send({"type": "websocket.http.response.start", "status": status, "headers": raw})
        await socket.send({"type": "websocket.http.response.body", "body": body})
        return True

    async def _play(self, rule: Fault | None, asked: Asked, socket: WebSocket, scope: Scope, receive: Receive) -> None:
        board, kind = self.board, rule.kind if rule else None
        if kind is Kind.HANG:
            await unless_gone(receive, asyncio.Event().wait())
        wait_ms = board.knobs.latency_ms + (rule.delay_ms if rule and kind is Kind.DELAY else 0)
        if wait_ms:
            await unless_gone(receive, asyncio.sleep(wait_ms / 1_000))
        if kind is Kind.STATUS:
            board.count("failed")
            await socket.close(1011, "Scripted.")
            return
        board.count("charged")
        if kind is Kind.RESET:
            await break_off(scope, receive)
            return
        messages = await asyncio.to_thread(_stream, asked, rule)
        if kind in (Kind.CLOSE_BODY, Kind.RESET_BODY):
            messages = messages[: len(messages) // 2]
        for message in messages:
            if rule and kind is Kind.DRIP:
                await unless_gone(receive, asyncio.sleep(rule.delay_ms / 1_000))
            await (socket.send_text(message) if isinstance(message, str) else socket.send_bytes(message))
        if kind is Kind.RESET_BODY:
            await break_off(scope, receive)
        elif kind is Kind.CLOSE_BODY:
            await socket.close()
        elif rule is None or kind in (Kind.DELAY, Kind.DRIP):
            board.answered_texts[asked.text] += 1
            board.count("answered")


def _stream(asked: Asked, rule: Fault | None) -> list[str | bytes]:
    """All messages of an answer, a word's metadata before the audio in which it is spoken."""
    kind = rule.kind if rule else None
    audio, seconds = _spoken(asked.text, kind is Kind.SILENT)
    metadata = _metadata(asked, seconds, str.upper if kind is Kind.OFF_SCHEMA else str)
    if rule and kind in (Kind.CUT, Kind.NO_AUDIO):
        audio = audio[: int(len(audio) * rule.keep) // _FRAME * _FRAME]
        if kind is Kind.CUT:
            metadata = metadata[: int(len(metadata) * rule.keep)]
    elif kind is Kind.ZERO:
        audio, metadata = b"", []
    elif kind is Kind.GARBAGE:
        audio = b"not MPEG at all " * 600
    messages: list[str | bytes] = [
        _message(asked.name, "turn.start", {"context": {"serviceTag": asked.name}}),
        _message(asked.name, "response", {"context": {}, "audio": {"type": "inline"}}),
    ]
    sent = 0
    for start in range(0, len(audio), _PIECE):
        until = (start + _PIECE) * 8 / (KBITS * 1_000) if start + _PIECE < len(audio) else float("inf")
        while sent < len(metadata) and metadata[sent][0] < until:
            said = _message(asked.name, "audio.metadata", metadata[sent][1])
            messages.append(said[:-9] if kind is Kind.TRUNCATED else said)
            sent += 1
        media_type = "text/plain" if kind is Kind.WRONG_TYPE else "audio/mpeg"
        messages.append(_audio(asked.name, audio[start : start + _PIECE], media_type))
    return [*messages, _audio(asked.name), _message(asked.name, "turn.end", {})]


def _is_edge(query: QueryParams) -> bool:
    return (
        query.get("TrustedClientToken") == CLIENT
        and re.fullmatch(r"[0-9a-f]{32}", query.get("ConnectionId", "")) is not None
        and _TOKEN.fullmatch(query.get("Sec-MS-GEC", "")) is not None
        and re.fullmatch(r"[12]-[\d.]+", query.get("Sec-MS-GEC-Version", "")) is not None
    )


async def _read(socket: WebSocket) -> Asked:
    """The two messages of a request. Raises Refusal with the websocket's closing code."""
    config, ssml = _parted(await socket.receive_text()), _parted(await socket.receive_text())
    if (config[0].get("Path"), ssml[0].get("Path")) != ("speech.config", "ssml"):
        raise Refusal(1007, "speech.config and ssml are wanted, in this order")
    try:
        audio = json.loads(config[1])["context"]["synthesis"]["audio"]
        words = audio["metadataoptions"]["wordBoundaryEnabled"] == "true"
        voice = ElementTree.fromstring(ssml[1]).find(f"{_NAMESPACE}voice")
    except (ValueError, KeyError, TypeError, ElementTree.ParseError):
        raise Refusal(1007, "the configuration or the SSML can't be read") from None
    if audio.get("outputFormat") != FORMAT:
        raise Refusal(1007, f"This emulator makes {FORMAT} only.")
    if voice is None or not _VOICE.fullmatch(voice.get("name", "")):
        raise Refusal(1007, "Unsupported voice.")
    text = "".join(voice.itertext())
    if len(ssml[1].encode()) > 8_192:
        raise Refusal(1009, "The SSML is too long.")
    return Asked(ssml[0].get("X-RequestId", ""), text, words)


def _parted(message: str) -> tuple[dict[str, str], str]:
    head, _, body = message.partition("\r\n\r\n")
    lines = (line.partition(":") for line in head.split("\r\n"))
    return {name: value for name, _, value in lines}, body


def _message(name: str, path: str, body: dict[str, Any]) -> str:
    head = f"X-RequestId:{name}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    return head + json.dumps(body)


def _audio(name: str, data: bytes = b"", media_type: str = "audio/mpeg") -> bytes:
    """A binary message: the length of its head, the head, the data. The last one has no data and no content type."""
    kind = f"Content-Type:{media_type}\r\n" if data else ""
    head = f"X-RequestId:{name}\r\n{kind}X-StreamId:{name}\r\nPath:audio\r\n".encode()
    return len(head).to_bytes(2, "big") + head + data


@lru_cache(maxsize=64)
def _spoken(text: str, silent: bool) -> tuple[bytes, float]:
    """The audio, and for how many seconds of it somebody speaks."""
    audio = tone.wav(text, RATE)
    if silent:
        audio = audio[:72] + bytes(len(audio) - 72)
    return mp3.encoded(audio, KBITS), (len(audio) - 72) / 2 / RATE


def _metadata(asked: Asked, seconds: float, told: Callable[[str], str]) -> list[tuple[float, dict[str, Any]]]:
    """When each word or sentence is spoken, as the service says it, and the second from which it can be known."""
    kind = "WordBoundary" if asked.words else "SentenceBoundary"
    share = (seconds - 0.3) / len(asked.text)
    found = []
    for match in re.finditer(r"\S+" if asked.words else r"[^.!?।]+", asked.text):
        said = match[0].strip(_MARKS)
        if not any(char.isalnum() for char in said):
            continue
        begin = 0.1 + match.start() * share
        data = {
            "Offset": round(begin * _TICKS_PER_S),
            "Duration": round(len(said) * share * _TICKS_PER_S),
            "text": {"Text": escape(told(said)), "Length": len(said), "BoundaryType": kind},
        }
        found.append((begin, {"Metadata": [{"Type": kind, "Data": data}]}))
    return found
