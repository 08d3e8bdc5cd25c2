"""Alerts, for operators."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheAdmin, TheBackend
from api.schemas.hooks import AlertList
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, number, part
from bookwright.contracts.deliveries import Alert
from bookwright.contracts.errors import NotFound

_MOST_DIGITS = 9
_ADMIN: dict[int | str, dict[str, Any]] = {403: {"model": Problem, "description": "This needs an admin key."}}
router = APIRouter(prefix="/api/admin/alerts", tags=["admin"])


@router.get("", operation_id="listAlerts", responses=_ADMIN)
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    _admin: TheAdmin,
    state: Annotated[Literal["open", "acknowledged"] | None, Query(description="All when left out.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertList:
    """What operators should see, newest first: one alert for each cause and hour."""
    acknowledged = None if state is None else state == "acknowledged"
    found = await backend.alerts.alerts(limit + 1, number(cursor), acknowledged=acknowledged)
    shown, more = part(request, response, found, limit, lambda one: (one.first_at, str(one.number)))
    return AlertList(alerts=shown, next_cursor=more)


@router.post(
    "/{alert}/acknowledge",
    operation_id="acknowledgeAlert",
    responses={**_ADMIN, 404: {"model": Problem, "description": "There is no such alert."}},
)
async def acknowledge(alert: str, backend: TheBackend, admin: TheAdmin) -> Alert:
    """Say that an alert has been seen; whoever said so first stays."""
    if not (alert.isascii() and alert.isdigit() and len(alert) <= _MOST_DIGITS):
        raise NotFound("there is no such alert")
    return await backend.alerts.acknowledge(int(alert), admin.owner)
