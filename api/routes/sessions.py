"""Sessions: browsers that are signed in."""

from fastapi import APIRouter

from api.deps import TheActor, TheBackend, acting_for
from api.routes.keys import KeyHolder
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from api.schemas.users import SessionList
from bookwright.contracts.errors import NotFound

router = APIRouter(prefix="/api/sessions", tags=["keys"])
_LENGTH = 16


@router.get("", operation_id="listSessions")
async def listed(backend: TheBackend, caller: KeyHolder, user_id: UserId | None = None) -> SessionList:
    """The browsers that are signed in as the caller, newest first. An admin may name another user."""
    found = await backend.users.sessions(acting_for(caller, user_id), caller.session)
    return SessionList(sessions=tuple(found))


@router.delete("/{session}", operation_id="endSession", status_code=204, responses={404: {"model": Problem}})
async def end(
    session: str, backend: TheBackend, caller: KeyHolder, actor: TheActor, user_id: UserId | None = None
) -> None:
    """Sign a browser out: its session opens nothing any more, and streams that it opened end."""
    if not (session.isascii() and session.isalnum() and len(session) == _LENGTH):
        raise NotFound("there is no such session")
    await backend.users.end_session(acting_for(caller, user_id), session, actor=actor)
