"""The gate that orders for readers of an age, generated texts and bought pictures go through. It fails closed."""

from collections.abc import Awaitable

from bookwright.contracts.errors import Blocked, MustWait, ServiceUnavailable, Transient
from bookwright.contracts.media import Verdict
from bookwright.contracts.ports.engines import Moderator

CANT_TELL = "it could not be checked whether this is fit for its readers"


async def check_text(moderator: Moderator, text: str, language: str, age: int | None) -> None:
    """Return when a text in a BCP 47 language may be in a book for readers of an age (the youngest; None is
    grown-ups). Raises Blocked when it may not or when the moderator can't tell, with a reason that repeats nothing of
    the text; MustWait, Transient or ServiceUnavailable when the moderator could not be asked: it can be asked again."""
    await _allowed(moderator.judge_text(text, language, age))


async def check_picture(moderator: Moderator, picture: bytes, media_type: str, age: int | None) -> None:
    """The same for a picture."""
    await _allowed(moderator.judge_picture(picture, media_type, age))


async def _allowed(judging: Awaitable[Verdict]) -> None:
    try:
        verdict = await judging
    except (MustWait, Blocked, Transient, ServiceUnavailable):
        raise
    except Exception:
        raise Blocked(CANT_TELL) from None  # whatever it says may repeat the text
    if not verdict.allowed:
        raise Blocked(verdict.reason or "not fit for its readers")
