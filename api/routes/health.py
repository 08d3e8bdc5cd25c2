"""Whether the process lives, whether it can work, and its metrics."""

from typing import Literal

from fastapi import APIRouter, Response

from api.deps import TheAdmin, TheBackend
from bookwright.contracts.base import Payload

router = APIRouter(tags=["operations"])
NEVER_KEPT = {"Cache-Control": "no-store"}


class Alive(Payload):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Payload):
    """Whether everything that requests need can be reached."""

    status: Literal["ready", "not ready"]
    missing: tuple[Literal["database", "temporal"], ...]


@router.get("/healthz", operation_id="healthz")
async def healthz() -> Alive:
    """The process lives. Needs no key and asks nothing of others: a failure means that it is to be started again."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="readyz",
    responses={503: {"model": Readiness, "description": "Something is missing; `missing` names it."}},
)
async def readyz(backend: TheBackend, response: Response) -> Readiness:
    """The database and Temporal can be reached. Needs no key.

    Without Temporal, orders are still accepted and everything in the store can be read; without the database, nothing
    works."""
    missing = await backend.operations.missing()
    response.headers.update(NEVER_KEPT)
    if missing:
        response.status_code = 503
    return Readiness(status="not ready" if missing else "ready", missing=missing)


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus' format."}},
)
async def metrics(backend: TheBackend, _caller: TheAdmin) -> Response:
    """This process's metrics and how all jobs stand, for Prometheus. Needs an admin key; BOOKWRIGHT_METRICS_PORT serves
    the same without one, to who reaches that port."""
    return Response(await backend.operations.metrics.text(), media_type="text/plain; version=1.0.0; charset=utf-8")
