"""Every error Bookwright raises on purpose. Workflow policies match the permanent ones by their exact class name."""

from datetime import datetime


class BookwrightError(Exception):
    """The base of all errors here. The message says what is wrong and what to do; it never repeats a key or a text."""


# -- refused before any work -----------------------------------------------------------------------------------------


class BadInput(BookwrightError):
    """The order can't be worked off as it is. `field` names the part to change."""

    def __init__(self, message: str, *, field: str = "source") -> None:
        super().__init__(message)
        self.field = field


class TooLarge(BadInput):
    """More bytes than are taken."""

    def __init__(self, message: str, *, field: str = "file") -> None:
        super().__init__(message, field=field)


class EmptySource(BadInput):
    """There is no text, or nothing in it that can be spoken."""


class UnreadableSource(BadInput):
    """The bytes are not text, or not in the encoding that was declared."""


class UnknownLanguage(BadInput):
    """The language is not one that the chosen engine speaks."""

    def __init__(self, message: str, *, field: str = "language") -> None:
        super().__init__(message, field=field)


class UnknownVoice(BadInput):
    """The engine has no such voice for the language."""

    def __init__(self, message: str, *, field: str = "voice") -> None:
        super().__init__(message, field=field)


class UnsafeAddress(BadInput):
    """An address that nothing is fetched from: of this machine or its network, or not one of the web."""

    def __init__(self, message: str, *, field: str = "url") -> None:
        super().__init__(message, field=field)


class Conflict(BadInput):
    """The order is a right one, but not for the state that the job or book is in now."""


class Stale(BookwrightError):
    """Somebody has changed it since the caller looked: look again, then decide."""


class NotFound(BookwrightError):
    """No such book, job or asset for this owner."""


class Forbidden(BookwrightError):
    """The caller's role or scopes do not allow this."""


class Misconfigured(BookwrightError):
    """A setting is missing or contradicts another. Raised at start, never in the middle of a book."""


class ServiceUnavailable(BookwrightError):
    """Temporal or the database can't be reached. Nothing was lost; try again when it is back."""


# -- a unit of work --------------------------------------------------------------------------------------------------


class Permanent(BookwrightError):
    """Trying again would end the same way: the unit is recorded as failed."""


class NeedsVision(Permanent):
    """A page's text can't be read from its document: it is a picture, or its letters are garbled."""


class Transient(BookwrightError):
    """Trying again may help: the declared policy decides how often."""


class WorkerLeaving(Transient):
    """The worker is being stopped and begins nothing new; not a failure of the unit."""


class Refused(Transient):
    """The provider answered with an error (5xx, a broken request): surely nothing was paid."""


class AnswerLost(Transient):
    """The request was sent and no answer is known (deadline, reset, frozen process): it may have been paid."""


class BadAnswer(Transient):
    """The provider answered, and may have charged, but the answer is unusable: cut, empty, of the wrong type."""

    cost_micros: int | None = None
    """What it did cost, as far as the answer says so; None counts as the call's maximum."""


class AnswerExpired(BadAnswer):
    """The answer was there and was paid, but its provider has deleted it before it was fetched."""


class StorageFull(Transient):
    """The disk or bucket has no room. Nothing half-written stays behind; the job pauses until somebody has
    made room and resumes it."""


class Unspeakable(Permanent):
    """The provider refuses or can't speak this text."""


class Blocked(Permanent):
    """The provider's safety rules, or our own, hold this text or picture back."""

    cost_micros: int = 0
    """What the provider has charged for looking at it, as far as its answer says so."""


class AssetMissing(Permanent):
    """An asset that a row names is not in the store."""


class AssetCorrupt(Permanent):
    """An asset's bytes do not match its hash."""


# -- a provider asks to wait, or a person must act -------------------------------------------------------------------


class MustWait(BookwrightError):
    """Not a failure: the work goes on later. Never counted as an attempt."""


class RateLimited(MustWait):
    """The provider takes no more calls before `until` (UTC)."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class QuotaExhausted(MustWait):
    """The provider's quota or credit is used up; a person has to act."""


class CredentialsRefused(MustWait):
    """The provider refuses the key; a person has to act."""


class BudgetReached(MustWait):
    """The next call could exceed the budget that `scope` names; a person raises it or cancels."""

    def __init__(self, message: str, *, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class NotSent(Transient):
    """The provider surely did not take the call: the connection was refused. Nothing was paid."""


class CallInFlight(BookwrightError):
    """Somebody else is making the very same call; wait for their answer."""


class TakeRejected(BookwrightError):
    """This take of the call was paid for and its answer could not be used: ask for the next take."""


class Fenced(BookwrightError):
    """A newer attempt took this call over while this one was frozen; its late answer is kept but not used."""


PERMANENT = tuple(
    error.__name__
    for error in (
        BadInput,
        EmptySource,
        UnreadableSource,
        UnknownLanguage,
        UnknownVoice,
        UnsafeAddress,
        NotFound,
        Misconfigured,
        Permanent,
        NeedsVision,
        Unspeakable,
        Blocked,
        AssetMissing,
        AssetCorrupt,
    )
)
"""Type names that no retry policy retries."""
