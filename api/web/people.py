"""What pages say of people, their keys and browsers, and of what they did."""

from datetime import datetime
from typing import NamedTuple

from api.deps import Backend
from api.web.words import Said, ago, money
from bookwright.contracts.access import AuditAction, AuditEntry, KeyFacts, KeyId, Outcome, SessionFacts, User
from bookwright.contracts.ids import OwnerId
from bookwright.money.usd import to_usd
from bookwright.store.database.columns import utcnow

KEYS_SHOWN = 100
ACTIONS = {
    AuditAction.USER_CREATED: "User made",
    AuditAction.USER_CHANGED: "User changed",
    AuditAction.KEY_CREATED: "Key made",
    AuditAction.KEY_REVOKED: "Key revoked",
    AuditAction.FEED_CREATED: "Podcast address made",
    AuditAction.FEED_REVOKED: "Podcast address revoked",
    AuditAction.SIGNED_IN: "Signed in",
    AuditAction.SIGNED_OUT: "Signed out",
    AuditAction.BUDGET_SET: "Month’s budget set",
    AuditAction.BUDGET_RAISED: "Job’s budget set",
    AuditAction.BOOK_DELETED: "Book deleted",
    AuditAction.JOBS_STEERED: "Many jobs steered",
    AuditAction.WEBHOOK_CREATED: "Webhook made",
    AuditAction.WEBHOOK_CHANGED: "Webhook changed",
    AuditAction.WEBHOOK_DELETED: "Webhook deleted",
    AuditAction.SHARE_CREATED: "Book shared",
    AuditAction.SHARE_REVOKED: "Share link revoked",
}
"""What was done, in words."""
_BROWSERS = (("Firefox/", "Firefox"), ("Edg/", "Edge"), ("OPR/", "Opera"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LONGEST_AGENT = 40


class KeyLine(NamedTuple):
    """A key in a list."""

    key: KeyFacts
    said: Said
    made: str
    used: str
    until: str
    own: bool
    """Whether it is the one behind this very page."""


class SessionLine(NamedTuple):
    """A browser in a list."""

    session: SessionFacts
    browser: str
    since: str


class Deed(NamedTuple):
    """A line of the audit log."""

    entry: AuditEntry
    what: str
    facts: str
    failed: bool


class Person(NamedTuple):
    """What pages show of a user."""

    user: User
    keys: list[KeyLine]
    sessions: list[SessionLine]
    limits: list[tuple[str, str]]


async def person(backend: Backend, user: OwnerId, key: KeyId, session: str | None) -> Person:
    """A user with their keys and browsers. `key` and `session` are those of whoever looks. Raises NotFound."""
    facts = await backend.users.user(user)
    keys = await backend.keys.keys(user, KEYS_SHOWN)
    sessions = await backend.users.sessions(user, session)
    return Person(
        facts,
        [_key_line(found, found.id == key, utcnow()) for found in keys],
        [SessionLine(found, browser(found.agent or ""), _since(found.created_at)) for found in sessions],
        limits(facts),
    )


def limits(user: User) -> list[tuple[str, str]]:
    """A user's limits in words."""
    found = user.limits
    month = None if found.month_micros is None else money(to_usd(found.month_micros))
    usual = "As for everybody"
    return [
        ("Jobs at once", usual if found.jobs_at_once is None else str(found.jobs_at_once)),
        ("Requests a minute", usual if found.requests_per_minute is None else f"{found.requests_per_minute:,}"),
        ("Money a month", month or usual),
    ]


def deed(entry: AuditEntry) -> Deed:
    """A line of the log in words."""
    failed = entry.outcome is Outcome.FAILED
    what = "Tried to sign in" if failed and entry.action is AuditAction.SIGNED_IN else ACTIONS[entry.action]
    return Deed(entry, what, ", ".join(_told(entry.facts)), failed)


def browser(agent: str) -> str:
    """What people call a browser, by what it calls itself."""
    name = next((text for mark, text in _BROWSERS if mark in agent), "")
    system = next((text for mark, text in _SYSTEMS if mark in agent), "")
    if name:
        return f"{name} on {system}" if system else name
    return agent[:_LONGEST_AGENT] or "Unknown"


def _key_line(key: KeyFacts, own: bool, now: datetime) -> KeyLine:
    if key.revoked_at:
        said = Said("Revoked")
    elif key.expires_at and key.expires_at <= now:
        said = Said("Expired")
    else:
        said = Said("Works", "good")
    until = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "No end"
    return KeyLine(key, said, _since(key.created_at), _since(key.last_used_at, "Never"), until, own)


def _since(moment: datetime | None, never: str = "Unknown") -> str:
    return ago(moment, utcnow()) if moment else never


def _told(facts: dict[str, object], before: str = "") -> list[str]:
    """Facts as people read them: `limits: jobs at once 2`."""
    told: list[str] = []
    for name, value in facts.items():
        if name.endswith("_micros") and isinstance(value, int):
            name, value = name.removesuffix("_micros"), money(to_usd(value))
        words = f"{before}{name.removesuffix('_micros').replace('_', ' ')}"
        if isinstance(value, dict):
            told += _told(value, f"{words}: ")
        elif isinstance(value, list):
            told.append(f"{words} {' '.join(map(str, value))}")
        elif value is not None:
            told.append(f"{words} {str(value).lower() if isinstance(value, bool) else value}")
        else:
            told.append(f"{words} lifted")
    return told
