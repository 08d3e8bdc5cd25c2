"""Who may do what: roles, scopes, users, keys and the audit log."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import BookId, OwnerId

KeyId = NewType("KeyId", str)
"""A key's public part, by which it is listed and revoked."""


FeedId = NewType("FeedId", str)
"""A feed's public part, by which it is listed and revoked."""


ShareId = NewType("ShareId", str)
"""A share's public part, by which it is listed and revoked."""


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


class ShareFacts(Payload):
    """A link under which somebody without an account reads and hears one book, without its token."""

    share_id: ShareId
    book_id: BookId
    note: str
    """Whom it is for, in the owner's words."""
    downloads: bool
    """Whether the book's files can be had by it, too."""
    created_at: datetime
    expires_at: datetime
    public: bool = False
    """Whether it is no link at all: the book is a public audiobook, which everybody with a key may read and hear."""


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
    share: ShareFacts | None = None
    """For somebody who came by a share: it may read and hear that one book and nothing else."""
    requests_per_minute: int | None = None
    """The user's own limit, where they have one."""
    used_at: datetime | None = None
    """When the key was last noted as used."""

    @property
    def admin(self) -> bool:
        return self.role is Role.ADMIN


@dataclass(frozen=True)
class Actor:
    """Who does something, as the audit log has it."""

    name: str
    """A user's id, or what the operator's own commands go by."""
    key_id: KeyId | None = None
    """The key behind the request."""
    address: str | None = None
    """The network that the request came from, without the part that tells its machines apart."""


class UserLimits(Payload):
    """What a user may use; None is what everybody may."""

    jobs_at_once: int | None = None
    requests_per_minute: int | None = None
    month_micros: int | None = None
    """What calls may cost in a month, in micros of a US dollar."""


class User(Payload):
    """Somebody who owns books. `user_id` is what owns them."""

    user_id: OwnerId
    name: str | None
    role: Role = Role.USER
    """The most that their keys may do."""
    disabled_at: datetime | None = None
    """Since when nothing opens for them."""
    limits: UserLimits = UserLimits()
    created_at: datetime


class UserChange(Payload):
    """What is to be changed of a user: the fields that are set, and of the limits those that are set."""

    name: str | None = None
    role: Role = Role.USER
    disabled: bool = False
    limits: UserLimits = UserLimits()


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
    last_used_at: datetime | None = None
    """To within a few minutes; None when it was never used."""


class SessionFacts(Payload):
    """A browser that is signed in."""

    id: str
    """Names it among the user's sessions; opens nothing."""
    key_id: KeyId
    """The key that it was opened with, and ends with."""
    created_at: datetime | None
    expires_at: datetime
    address: str | None
    """The network that it was opened from."""
    agent: str | None
    """What the browser calls itself."""
    current: bool = False
    """Whether it is the one that asks."""


class FeedFacts(Payload):
    """An address that a podcast player opens, without its token."""

    feed_id: FeedId
    book_id: BookId
    created_at: datetime
    expires_at: datetime


class AuditAction(StrEnum):
    """What is written down."""

    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    FEED_CREATED = "feed.created"
    FEED_REVOKED = "feed.revoked"
    SIGNED_IN = "session.created"
    SIGNED_OUT = "session.ended"
    BUDGET_SET = "budget.set"
    BUDGET_RAISED = "budget.raised"
    BOOK_DELETED = "book.deleted"
    JOBS_STEERED = "jobs.steered"
    """Something was done to many jobs at once."""
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    SHARE_CREATED = "share.created"
    SHARE_REVOKED = "share.revoked"


class Outcome(StrEnum):
    """What became of something that was tried."""

    OK = "ok"
    FAILED = "failed"


class AuditEntry(Payload):
    """A line of the audit log."""

    number: int
    at: datetime
    user_id: OwnerId
    """Whose thing it was done to; empty when nobody knows."""
    actor: str
    """Who did it: a user's id, or `command line`."""
    key_id: KeyId | None
    """The key behind the request."""
    action: AuditAction
    subject: str
    """The id of what it was done to: a user, a key, a book, a job."""
    facts: dict[str, Any]
    """What it came to; no secrets, no text of books."""
    address: str | None
    """The network that the request came from, without the part that tells its machines apart."""
    outcome: Outcome
