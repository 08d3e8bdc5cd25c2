"""The audit log."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheBackend, TheCaller, acting_for
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from api.schemas.users import AuditList
from api.wire.cursors import Cursor, Limit, next_part, number
from bookwright.contracts.access import AuditAction, Caller, Outcome
from bookwright.contracts.errors import BadInput
from bookwright.store.access.audit import Wanted

router = APIRouter(prefix="/api/audit", tags=["users"])
NAME = Query(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
_TIMES = (1970, 9000)


def wanted_entries(
    caller: Caller,
    user_id: str | None = None,
    actor: str | None = None,
    action: AuditAction | None = None,
    subject: str | None = None,
    outcome: Outcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Wanted:
    """What is asked for: the caller's own lines, or for an admin all of them. Raises BadInput or Forbidden."""
    for field, moment in (("since", since), ("until", until)):
        if moment is not None and (moment.tzinfo is None or not _TIMES[0] < moment.year < _TIMES[1]):
            raise BadInput("give a time with its zone, such as 2026-01-31T12:00:00Z", field=field)
    owner = None if caller.admin and user_id is None else acting_for(caller, user_id)
    return Wanted(
        owner,
        actor,
        action,
        subject,
        outcome,
        since and since.astimezone(UTC),
        until and until.astimezone(UTC),
    )


@router.get("", operation_id="listAudit", responses={422: {"model": Problem}})
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: TheCaller,
    limit: Limit = 50,
    cursor: Cursor = None,
    user_id: Annotated[UserId | None, Query(description="Done to this user's things.")] = None,
    actor: Annotated[str | None, NAME] = None,
    action: AuditAction | None = None,
    subject: Annotated[str | None, NAME] = None,
    outcome: Outcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AuditList:
    """Who did what, newest first: to the caller's things, or for an admin to anybody's. It only grows; nobody can
    change a line."""
    wanted = wanted_entries(caller, user_id, actor, action, subject, outcome, since, until)
    found = await backend.audit.entries(wanted, limit + 1, number(cursor))
    shown = found[:limit]
    more = next_part(request, response, (shown[-1].at, str(shown[-1].number))) if len(found) > limit else None
    return AuditList(entries=tuple(shown), next_cursor=more)
