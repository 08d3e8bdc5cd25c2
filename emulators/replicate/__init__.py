"""Replicate as a local server, faithful to what replicate 1.0.7 sends and expects.

`POST /v1/predictions` (with `version`) and `POST /v1/models/{owner}/{name}/predictions` create, then `GET …/{id}`,
`GET` (the newest first), `POST …/{id}/cancel` and `GET /v1/webhooks/default/secret`; token as `Authorization: Bearer`;
errors are problem details. A prediction takes `job_ms`; its output is served from `/files/…`, which takes no token,
until the knob `outputs_gone` is set. A call is what creates a prediction; faults whose `match` is `look`, `list`,
`cancel` or `file` spoil the other requests (`status`, `html`, `truncated`). Webhooks are signed as Standard Webhooks
say, and sent as `webhook_copies` and `webhook_order` say. The control endpoints are under `/_emulator/` (see
`emulators.control`).
"""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from emulators.control import control_routes, expose_transport
from emulators.knobs import Board, Knobs
from emulators.replicate.creation import Creation
from emulators.replicate.predictions import Predictions
from emulators.replicate.webhooks import SECRET, Webhooks

__all__ = ["SECRET", "create_app"]


def create_app(knobs: Knobs | None = None) -> ASGIApp:
    """The emulator as an ASGI application. Run it with uvicorn: faults on the wire need its transport."""
    board = Board(knobs)
    predictions = Predictions(board)
    creation = Creation(board, predictions, Webhooks(board, predictions))
    routes = [
        Route("/v1/predictions", creation, methods=["POST"]),
        Route("/v1/models/{owner}/{name}/predictions", creation, methods=["POST"]),
        Route("/v1/predictions", predictions.listed),
        Route("/v1/predictions/{id}", predictions.looked_at),
        Route("/v1/predictions/{id}/cancel", predictions.cancelled, methods=["POST"]),
        Route("/v1/webhooks/default/secret", predictions.secret),
        Route("/files/{id}/{name}", predictions.file),
        *control_routes(board),
    ]
    return expose_transport(Starlette(routes=routes))
