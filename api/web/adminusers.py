"""For admins: users with their limits and keys, and the audit log."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.deps import TheAdmin, TheBackend
from api.schemas.users import user_answer
from api.web.pages import page
from api.web.people import ACTIONS, deed, limits, person
from api.web.words import ago, money
from api.wire.cursors import Cursor, cursor_of, number, place
from bookwright.contracts.access import AuditAction, Outcome, Role, Scope
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_usd
from bookwright.store.access.audit import Wanted
from bookwright.store.database.columns import utcnow

AT_ONCE = 50
LATEST = 10
_LONGEST = 64
router = APIRouter(prefix="/admin", include_in_schema=False)
Text = Annotated[str, Query(max_length=100)]


@router.get("/users")
async def users(
    request: Request, backend: TheBackend, admin: TheAdmin, q: Text = "", cursor: Cursor = None
) -> Response:
    """All users, newest first, and a form to make one."""
    wanted = " ".join(q.split())
    found = await backend.users.users(AT_ONCE + 1, place(cursor), wanted)
    shown = found[:AT_ONCE]
    more = cursor_of((shown[-1].created_at, shown[-1].user_id)) if len(found) > len(shown) else None
    context = {
        "users": [(user, dict(limits(user)), ago(user.created_at, utcnow())) for user in shown],
        "q": wanted,
        "more": more and urlencode({"q": wanted, "cursor": more}),
        "roles": list(Role),
    }
    return page(request, admin, "admin_users.html", "users", context)


@router.get("/users/{user}")
async def user(request: Request, user: str, backend: TheBackend, admin: TheAdmin) -> Response:
    """One user: limits, role, keys, browsers, and what was done lately."""
    if not user.isprintable() or len(user) > _LONGEST:
        raise NotFound("there is no such user")
    owner = OwnerId(user)
    who = await person(backend, owner, admin.key_id, admin.session)
    month = await backend.months.of(owner, f"{utcnow():%Y-%m}")
    lately = await backend.audit.entries(Wanted(owner), LATEST)
    context = {
        "who": who,
        "facts": user_answer(who.user),
        "may": True,
        "scopes": list(Scope),
        "roles": list(Role),
        "spent": money(to_usd(month.committed_micros)),
        "cap": None if month.cap_micros is None else money(to_usd(month.cap_micros)),
        "lately": [deed(entry) for entry in lately],
        "place": f"/admin/users/{user}",
        "user": user,
    }
    return page(request, admin, "admin_user.html", "users", context)


@router.get("/audit")
async def audit(
    request: Request,
    backend: TheBackend,
    admin: TheAdmin,
    user_id: Text = "",
    actor: Text = "",
    action: Text = "",
    outcome: Text = "",
    since: Text = "",
    until: Text = "",
    cursor: Cursor = None,
) -> Response:
    """The audit log with its filters, which stand in the address."""
    begin, end = _midnight(since), _midnight(until, after=1)
    days = {"since": since if begin else "", "until": until if end else ""}
    asked = {"user_id": user_id, "actor": actor, "action": action, "outcome": outcome, **days}
    wanted = Wanted(
        owner=OwnerId(user_id.strip()) if user_id.strip() else None,
        actor=actor.strip() or None,
        action=AuditAction(action) if action in set(AuditAction) else None,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        since=begin,
        until=end,
    )
    found = await backend.audit.entries(wanted, AT_ONCE + 1, number(cursor))
    shown = found[:AT_ONCE]
    more = cursor_of((shown[-1].at, str(shown[-1].number))) if len(found) > len(shown) else None
    given = {name: value for name, value in asked.items() if value}
    context = {
        "entries": [deed(entry) for entry in shown],
        "asked": asked,
        "actions": ACTIONS,
        "more": more and urlencode({**given, "cursor": more}),
        "filtered": bool(given),
    }
    return page(request, admin, "admin_audit.html", "audit", context)


def _midnight(day: str, after: int = 0) -> datetime | None:
    """When a day begins (UTC), or one that is so many days later; None for what is no day."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=after), time(), UTC)
    except (ValueError, OverflowError):
        return None
