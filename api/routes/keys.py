"""Keys, and the signed addresses that they open."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access.links import signed
from api.deps import TheActor, TheBackend, TheCaller, acting_for
from api.schemas.keys import KeyList, KeyOrder, LinkOrder, MadeKey, SignedLink, UserId
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, part, place
from api.wire.names import named
from bookwright.contracts.access import Caller, KeyId, Role, Scope
from bookwright.contracts.errors import BadInput, Forbidden, NotFound

router = APIRouter(tags=["keys"])
KeyName = Annotated[str, named("key_id", "there is no such key")]
_LAST_YEAR = 9000


async def key_holder(caller: TheCaller) -> Caller:
    """Somebody who may see to keys. Raises Forbidden for others."""
    if Scope.KEYS not in caller.scopes:
        raise Forbidden(f"this key lacks the scope {Scope.KEYS}")
    return caller


KeyHolder = Annotated[Caller, Depends(key_holder)]


@router.post("/api/keys", operation_id="createKey", status_code=201, responses={409: {"model": Problem}})
async def create(
    order: KeyOrder, response: Response, backend: TheBackend, caller: KeyHolder, actor: TheActor
) -> MadeKey:
    """Make a key. It can do no more than the one that makes it, and does not outlive it."""
    owner = acting_for(caller, order.user_id)
    if order.role is Role.ADMIN and not caller.admin:
        raise Forbidden("only an admin may make an admin key")
    if not caller.scopes.issuperset(order.scopes):
        raise Forbidden("a key can't give scopes that it lacks itself")
    if owner != caller.owner:
        try:
            await backend.users.user(owner)
        except NotFound as error:
            raise BadInput(str(error), field="user_id") from None
    made = await backend.keys.create(
        owner,
        order.name,
        actor=actor,
        role=order.role,
        scopes=frozenset(order.scopes),
        expires_at=_until(order.expires_at, caller.expires_at),
    )
    response.headers["Location"] = f"/api/keys/{made.facts.id}"
    return MadeKey(**made.facts.model_dump(), key=made.key)


@router.get("/api/keys", operation_id="listKeys")
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    caller: KeyHolder,
    limit: Limit = 50,
    cursor: Cursor = None,
    user_id: UserId | None = None,
) -> KeyList:
    """The caller's keys, newest first, also those that hold no more. An admin may name another user."""
    found = await backend.keys.keys(acting_for(caller, user_id), limit + 1, place(cursor))
    shown, more = part(request, response, found, limit, lambda key: (key.created_at, key.id))
    return KeyList(keys=shown, next_cursor=more)


@router.delete("/api/keys/{key_id}", operation_id="revokeKey", status_code=204, responses={404: {"model": Problem}})
async def revoke(
    key_id: KeyName, backend: TheBackend, caller: KeyHolder, actor: TheActor, user_id: UserId | None = None
) -> None:
    """Revoke a key: nothing that it opened opens any more, and streams that it opened end."""
    await backend.keys.revoke(acting_for(caller, user_id), KeyId(key_id), actor=actor)


@router.post("/api/links", operation_id="signLink")
async def sign(order: LinkOrder, caller: TheCaller) -> SignedLink:
    """An address with a signature, for an audio element, an EventSource or a download, which can't send a key."""
    return SignedLink(url=signed(caller, order.path))


def _until(wanted: datetime | None, last: datetime | None) -> datetime | None:
    """When a key that should hold until `wanted` expires, made by one that holds until `last`."""
    if wanted is None:
        return last
    if wanted.tzinfo is None:
        raise BadInput("expires_at: say the zone, such as 2030-01-31T12:00:00Z", field="expires_at")
    if wanted <= datetime.now(UTC):
        raise BadInput("expires_at: this has passed", field="expires_at")
    if wanted.year > _LAST_YEAR:  # beyond what can be told in another zone
        raise BadInput(f"expires_at: give a time before the year {_LAST_YEAR + 1}", field="expires_at")
    return min(wanted.astimezone(UTC), last) if last else wanted.astimezone(UTC)
