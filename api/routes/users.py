"""Users: what they may do and use. Admins see to them; everybody sees themselves."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import Backend, TheActor, TheAdmin, TheBackend, TheCaller
from api.orders.ordering import steering
from api.schemas.keys import UserId
from api.schemas.problems import Problem
from api.schemas.users import UserAnswer, UserList, UserOrder, UserPatch, user_answer
from api.wire.cursors import Cursor, Limit, part, place
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import OwnerId
from bookwright.store.database.columns import utcnow

router = APIRouter(prefix="/api/users", tags=["users"])
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such user."}}
SOUGHT = Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$", description="In ids and names.")
TheUser = Annotated[UserId, Path(description="The user's id.")]


@router.post("", operation_id="createUser", status_code=201, responses={409: {"model": Problem}})
async def create(
    order: UserOrder, response: Response, backend: TheBackend, _admin: TheAdmin, actor: TheActor
) -> UserAnswer:
    """Make a user. Keys are made for them with `POST /api/keys`."""
    made = await backend.users.create(
        OwnerId(order.user_id), order.name, actor=actor, role=order.role, limits=order.limits.limits()
    )
    response.headers["Location"] = f"/api/users/{made.user_id}"
    return user_answer(made)


@router.get("", operation_id="listUsers")
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    _admin: TheAdmin,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Annotated[str | None, SOUGHT] = None,
) -> UserList:
    """All users, newest first."""
    found = await backend.users.users(limit + 1, place(cursor), q or "")
    shown, more = part(request, response, found, limit, lambda user: (user.created_at, user.user_id))
    return UserList(users=tuple(map(user_answer, shown)), next_cursor=more)


@router.get("/{user}", operation_id="getUser", responses=UNKNOWN)
async def one(user: TheUser, backend: TheBackend, caller: TheCaller) -> UserAnswer:
    """A user: oneself, or for an admin anybody."""
    if user != caller.owner and not caller.admin:
        raise NotFound("there is no such user")
    return user_answer(await backend.users.user(OwnerId(user)))


@router.patch(
    "/{user}",
    operation_id="changeUser",
    responses=UNKNOWN | {409: {"model": Problem, "description": "No admin would be left."}},
)
async def change(
    user: TheUser, wanted: UserPatch, backend: TheBackend, _admin: TheAdmin, actor: TheActor
) -> UserAnswer:
    """Change a user's name, role or limits, or deactivate them. Jobs that the month's limit had stopped go on when
    there is something left to spend."""
    found = await backend.users.change(OwnerId(user), wanted.change(), actor=actor)
    if "month_usd" in wanted.limits.model_fields_set:
        await _go_on(backend, found.user_id)
    return user_answer(found)


async def _go_on(backend: Backend, user: OwnerId) -> None:
    """Resume what the month's limit held up, if there is something left of it."""
    month = f"{utcnow():%Y-%m}"
    if (await backend.months.of(user, month)).left_micros != 0:
        for job in await backend.months.held_up(user, month):
            await steering(backend).resume(await backend.jobs.job(user, job))
