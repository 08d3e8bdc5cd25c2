"""Users, for admins."""

from fastapi import APIRouter, Request, Response

from api.deps import TheAdmin, TheBackend
from api.schemas.keys import UserList, UserOrder
from api.schemas.problems import Problem
from api.wire.cursors import Cursor, Limit, part, place
from bookwright.contracts.access import User
from bookwright.contracts.ids import OwnerId

router = APIRouter(prefix="/api/users", tags=["users"])


@router.post("", operation_id="createUser", status_code=201, responses={409: {"model": Problem}})
async def create(order: UserOrder, backend: TheBackend, admin: TheAdmin) -> User:
    """Make a user. Keys are made for them with `POST /api/keys`."""
    return await backend.keys.create_user(OwnerId(order.user_id), order.name, actor=admin.owner)


@router.get("", operation_id="listUsers")
async def listed(
    request: Request,
    response: Response,
    backend: TheBackend,
    _admin: TheAdmin,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> UserList:
    """All users, newest first."""
    found = await backend.keys.users(limit + 1, place(cursor))
    shown, more = part(request, response, found, limit, lambda user: (user.created_at, user.user_id))
    return UserList(users=shown, next_cursor=more)
