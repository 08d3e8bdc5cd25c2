"""Pages of the application: what they all have around their content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.access.guard import COOKIE, csrf_token
from api.web import TEMPLATES
from bookwright.contracts.access import Caller

NOT_KEPT = "private, no-cache"


@dataclass(frozen=True)
class Entry:
    """A link of the navigation. `name` is its section's and its icon's."""

    name: str
    href: str
    text: str
    admin: bool = False


SECTIONS = (
    Entry("shelf", "/", "Shelf"),
    Entry("order", "/order", "Order"),
    Entry("search", "/search", "Search"),
    Entry("usage", "/usage", "Usage"),
    Entry("jobs", "/admin/jobs", "Jobs", admin=True),
    Entry("users", "/admin/users", "Users", admin=True),
)
ACCOUNT = (Entry("account", "/account", "Your account"), Entry("audit", "/admin/audit", "Audit log", admin=True))
"""Further links of the account's menu."""


@dataclass(frozen=True)
class Shell:
    """What surrounds a page's content."""

    user: str
    admin: bool
    section: str
    csrf: str
    """To be sent along with each change as X-CSRF-Token; scripts read it from the page's <meta name="csrf">."""
    nav: tuple[Entry, ...]
    account: tuple[Entry, ...]


def page(
    request: Request,
    caller: Caller,
    template: str,
    section: str = "",
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> Response:
    """The page that `template` (one that extends app.html) makes of `context`. `section` is the entry of the
    navigation that it belongs to."""
    token = request.cookies.get(COOKIE)
    shell = Shell(
        user=caller.owner,
        admin=caller.admin,
        section=section,
        csrf=csrf_token(token) if token else "",
        nav=tuple(entry for entry in SECTIONS if caller.admin or not entry.admin),
        account=tuple(entry for entry in ACCOUNT if caller.admin or not entry.admin),
    )
    filled = {**(context or {}), "shell": shell}
    return TEMPLATES.TemplateResponse(
        request, template, filled, status_code=status, headers={"Cache-Control": NOT_KEPT}
    )
