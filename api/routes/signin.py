"""Signing in to the pages, with a key or a one-time link, and out."""

from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from api.access.guard import COOKIE, csrf_right, csrf_token
from api.access.origin import network
from api.deps import TheBackend
from api.web import TEMPLATES
from bookwright.contracts.access import Caller
from bookwright.store.access.credentials import SESSION

router = APIRouter(include_in_schema=False)
HOME = "/"
_FORM_BYTES = 4096
_NOT_KEPT = {"Cache-Control": "no-store"}


@router.get("/signin")
async def form(request: Request, backend: TheBackend, next: str = "", ticket: str = "") -> Response:
    """The page to sign in on. The link that `serve` prints signs one browser in, and leads on for it ever after."""
    if ticket and (token := await backend.credentials.redeem(ticket, network(request), _agent(request))):
        return _signed_in(request, token, next)
    caller = await _caller(request, backend)
    if caller and (ticket or next):
        return RedirectResponse(_local(next), 303)
    trouble = "This link has been used or is too old. Sign in with your key." if ticket else None
    return _page(request, caller, next, trouble)


@router.post("/signin")
async def sign_in(request: Request, backend: TheBackend) -> Response:
    """Open a session with a key."""
    fields = await _form(request)
    key = fields.get("key", "").strip()
    caller = await backend.credentials.by_key(key)
    if caller is None:
        standing = await backend.limits.refused(request.client.host if request.client else "")
        if not standing.allowed:
            raise HTTPException(429, headers=standing.headers)
        await backend.credentials.refused(key, network(request))
        trouble = "This key does not work. Perhaps it was cut short, has expired or was revoked."
        return _page(request, None, fields.get("next", ""), trouble, status=403)
    token = await backend.credentials.sign_in(caller, network(request), _agent(request))
    return _signed_in(request, token, fields.get("next", ""))


@router.post("/signout")
async def sign_out(request: Request, backend: TheBackend) -> Response:
    """End the session."""
    fields = await _form(request)
    caller = await _caller(request, backend)
    if caller:
        if not csrf_right(request, fields.get("csrf", "")):
            raise HTTPException(403)
        await backend.credentials.sign_out(caller, network(request))
    answer = RedirectResponse("/signin", 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # books that were kept on the device, too
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


def _agent(request: Request) -> str:
    """What the browser calls itself, so that its user knows it again in the list of sessions."""
    return "".join(filter(str.isprintable, request.headers.get("user-agent", "")))


async def _caller(request: Request, backend: TheBackend) -> Caller | None:
    token = request.cookies.get(COOKIE)
    return await backend.credentials.by_session(token) if token else None


def _page(request: Request, caller: Caller | None, next: str, trouble: str | None, status: int = 200) -> Response:
    context = {
        "owner": caller.owner if caller else None,
        "csrf": csrf_token(request.cookies[COOKIE]) if caller else None,
        "next": next,
        "trouble": trouble,
    }
    return TEMPLATES.TemplateResponse(request, "signin.html", context, status_code=status, headers=_NOT_KEPT)


def _signed_in(request: Request, token: str, next: str) -> Response:
    answer = RedirectResponse(_local(next), 303, headers=_NOT_KEPT)
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def _local(next: str) -> str:
    """Where to go on: a path of this site, and never another site."""
    parts = urlsplit(next)
    local = not parts.scheme and not parts.netloc and next.startswith("/") and not next.startswith(("//", "/\\"))
    return next if local and next.isprintable() else HOME


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form. One that another site's page sends is refused."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _FORM_BYTES:
            raise HTTPException(413)
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        raise HTTPException(422) from None
    return {name: values[-1] for name, values in fields.items()}
