"""Google's Gemini API (`v1beta`) as a local server, faithful to what google-genai 3.4 sends and expects.

`POST /v1beta/models/{model}:generateContent` answers text, JSON that keeps to a schema, or pictures;
`:batchEmbedContents` and `:embedContent` answer vectors. The key is in `x-goog-api-key`; errors are
`{"error": {"code", "message", "status", "details"}}`. The control endpoints are under `/_emulator/`.

Of faults, a `status` 429 with `retry_after` carries RetryInfo, as Google sends no such header; with a `code` such as
`GenerateRequestsPerDayPerProjectPerModel-FreeTier` it names that quota; without either it has no details.
`blocked_prompt` and `blocked_answer` take the reason to give as `code`.
"""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.control import control_routes, expose_transport
from emulators.gemini.embed import BatchEmbedding, Embedding
from emulators.gemini.generate import Generation
from emulators.knobs import Board, Knobs


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    routes = [
        Route("/v1beta/models/{model}:generateContent", Generation(board), methods=["POST"]),
        Route("/v1beta/models/{model}:batchEmbedContents", BatchEmbedding(board), methods=["POST"]),
        Route("/v1beta/models/{model}:embedContent", Embedding(board), methods=["POST"]),
        *control_routes(board),
    ]
    return expose_transport(Starlette(routes=routes))
