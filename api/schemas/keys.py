"""Keys, and addresses that they open."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from bookwright.contracts.access import KeyFacts, Role, Scope
from bookwright.contracts.base import Payload

UserId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]*$")]
"""A user's id: letters, digits and `. _ @ -`."""
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class KeyOrder(Payload):
    """A key to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "my laptop", "scopes": ["read"]}]})
    name: Name
    """What it is for."""
    role: Role = Role.USER
    scopes: tuple[Scope, ...] = Field(default=tuple(Scope), min_length=1)
    expires_at: datetime | None = None
    """RFC 3339 with a zone; a key without it holds until it is revoked."""
    user_id: UserId | None = None
    """Whose key it is; only an admin may name somebody else."""


class MadeKey(KeyFacts):
    """A key that was just made."""

    key: str
    """The key itself. It is shown here and never again."""


class KeyList(Payload):
    """Keys, newest first."""

    keys: tuple[KeyFacts, ...]
    next_cursor: str | None = None


class LinkOrder(Payload):
    """An address to open without a header."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"path": "/api/books/1/cover"}]})
    path: str = Field(max_length=2000, pattern=r"^/api/[^\x00-\x20#\x7f]*$")
    """A path of this API with its query, which the caller may GET."""


class SignedLink(Payload):
    """An address that opens for whoever has it, for reading, for one to two hours."""

    url: str
