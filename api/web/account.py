"""Somebody's own account: keys, browsers that are signed in, limits, and what was done lately."""

from fastapi import APIRouter, Request, Response

from api.deps import TheBackend, TheCaller
from api.web.pages import page
from api.web.people import deed, person
from api.web.words import money
from bookwright.contracts.access import Scope
from bookwright.money.usd import to_usd
from bookwright.store.access.audit import Wanted
from bookwright.store.database.columns import utcnow

LATEST = 8
router = APIRouter(include_in_schema=False)


@router.get("/account")
async def account(request: Request, backend: TheBackend, caller: TheCaller) -> Response:
    """The account of whoever is signed in."""
    month = await backend.months.of(caller.owner, f"{utcnow():%Y-%m}")
    lately = await backend.audit.entries(Wanted(caller.owner), LATEST)
    context = {
        "who": await person(backend, caller.owner, caller.key_id, caller.session),
        "may": Scope.KEYS in caller.scopes,
        "scopes": [scope for scope in Scope if scope in caller.scopes],
        "spent": money(to_usd(month.committed_micros)),
        "cap": None if month.cap_micros is None else money(to_usd(month.cap_micros)),
        "lately": [deed(entry) for entry in lately],
        "place": "/account",
        "user": "",
    }
    return page(request, caller, "account.html", "account", context)
