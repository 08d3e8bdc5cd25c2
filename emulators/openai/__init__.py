"""Servers that speak OpenAI's protocol, as one local server: `POST` on `/v1/chat/completions`, `/v1/audio/speech`,
`/v1/images/generations`, `/v1/audio/transcriptions` and `/v1/embeddings`, key as a bearer token.

The knob `server` says whose ways it has: `openai` itself; `ollama`, `vllm`, `localai`, `kokoro` (Kokoro-FastAPI) and
`whisper` (speaches and the like) as far as theirs differ, which want no key; `careless` for servers and proxies that
take no notice of wanted formats, count no tokens and report errors as plain strings. Models whose name contains
`missing` are not there. The control endpoints are under `/_emulator/` (see `emulators.control`).
"""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.control import control_routes, expose_transport
from emulators.knobs import Board, Knobs
from emulators.openai.chat import Chat
from emulators.openai.embeddings import Embeddings
from emulators.openai.pictures import Pictures
from emulators.openai.speech import Speech
from emulators.openai.transcription import Transcriptions


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    pictures = Pictures(board)
    routes = [
        Route("/v1/chat/completions", Chat(board), methods=["POST"]),
        Route("/v1/audio/speech", Speech(board), methods=["POST"]),
        Route("/v1/audio/transcriptions", Transcriptions(board), methods=["POST"]),
        Route("/v1/embeddings", Embeddings(board), methods=["POST"]),
        Route("/v1/images/generations", pictures, methods=["POST"]),
        Route("/generated-images/{name}", pictures.made, methods=["GET"]),
        *control_routes(board),
    ]
    return expose_transport(Starlette(routes=routes))
