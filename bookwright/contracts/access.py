"""Who may do what: roles, scopes, keys and their audit trail."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import BookId, OwnerId

KeyId = NewType("KeyId", str)
"""A key's public part, by which it is listed and revoked."""


FeedId = NewType("FeedId", str)
"""A feed's public part, by which it is listed and revoked."""


class Role(StrEnum):
    """What somebody may do at all."""

    USER = "user"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    """Every GET and HEAD."""
    WRITE = "write"
    """Everything else."""
    KEYS = "keys"
    """Listing, making and revoking keys, on top of the two above."""


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True)
class Caller:
    """Who asks. Every read and write of the store is made as `owner`."""

    owner: OwnerId
    role: Role
    scopes: frozenset[Scope]
    key_id: KeyId
    """The key behind the request, also when it came by a session or a signed URL."""
    signing: bytes = field(repr=False)
    """Signs URLs that this key may open."""
    expires_at: datetime | None = None
    session: str | None = field(default=None, repr=False)
    """The digest of the session's token, for somebody who signed in on a page."""
    feed: str | None = field(default=None, repr=False)
    """The token of a podcast player that came by a feed's address: it may open that feed and nothing else."""

    @property
    def admin(self) -> bool:
        return self.role is Role.ADMIN


class User(Payload):
    """Somebody who owns books. `user_id` is what owns them."""

    user_id: OwnerId
    name: str | None
    created_at: datetime


class KeyFacts(Payload):
    """A key without its secret, which nobody knows any more."""

    id: KeyId
    user_id: OwnerId
    name: str
    role: Role
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class FeedFacts(Payload):
    """An address that a podcast player opens, without its token."""

    feed_id: FeedId
    book_id: BookId
    created_at: datetime
    expires_at: datetime


class AuditAction(StrEnum):
    """What is written down."""

    USER_CREATED = "user.created"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    FEED_CREATED = "feed.created"
    FEED_REVOKED = "feed.revoked"
    SIGNED_IN = "session.created"
    SIGNED_OUT = "session.ended"
    BUDGET_SET = "budget.set"
