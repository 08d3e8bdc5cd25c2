"""Moderators: the policy as one, and several as one."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence

from bookwright.contracts.media import Verdict
from bookwright.contracts.ports.engines import Moderator
from bookwright.text.policy.judging import GROWN_UP, LANGUAGES, judge, primary

UNJUDGED = "unjudged"
"""The category of what nobody could judge."""
_IN_A_THREAD = 20_000
"""Characters from which on judging is no work for the event loop."""


class PolicyModerator:
    """A `Moderator` by our own policy. It judges no pictures."""

    async def judge_text(self, text: str, language: str, age: int | None) -> Verdict:
        """Children's texts in a language without a lexicon are not allowed: nobody has judged them."""
        if age is not None and age < GROWN_UP and primary(language) not in LANGUAGES:
            return unjudged(f"there is no policy for children's texts in {primary(language)[:8]}")
        if len(text) < _IN_A_THREAD:
            found = judge(text, language, age)
        else:
            found = await asyncio.to_thread(judge, text, language, age)
        if not found:
            return Verdict(allowed=True)
        readers = "a book" if age is None else f"readers of {age}"
        reason = f"not for {readers}: {', '.join(found).replace('_', ' ')}"
        return Verdict(allowed=False, categories=found, reason=reason)

    async def judge_picture(self, picture: bytes, media_type: str, age: int | None) -> Verdict:
        return unjudged("our own policy judges texts, not pictures")


class AllOf:
    """A `Moderator` that allows what every one of its moderators allows. One for texts may be no one for pictures, so
    they are given apart; without any, nothing is allowed. What one can't judge is not allowed."""

    def __init__(self, texts: Sequence[Moderator], pictures: Sequence[Moderator] = ()) -> None:
        self._texts = tuple(texts)
        self._pictures = tuple(pictures)

    async def judge_text(self, text: str, language: str, age: int | None) -> Verdict:
        return await _all(moderator.judge_text(text, language, age) for moderator in self._texts)

    async def judge_picture(self, picture: bytes, media_type: str, age: int | None) -> Verdict:
        return await _all(moderator.judge_picture(picture, media_type, age) for moderator in self._pictures)


def unjudged(reason: str) -> Verdict:
    """The verdict on what could not be judged."""
    return Verdict(allowed=False, categories=(UNJUDGED,), reason=reason)


async def _all(judging: Iterable[Awaitable[Verdict]]) -> Verdict:
    # Each is waited for: an error of one is known when the others have ended, and none is left running.
    verdicts = await asyncio.gather(*judging, return_exceptions=True)
    for verdict in verdicts:
        if isinstance(verdict, BaseException):
            raise verdict
    against = [verdict for verdict in verdicts if isinstance(verdict, Verdict) and not verdict.allowed]
    if not verdicts:
        return unjudged("there is nobody to judge it")
    if not against:
        return Verdict(allowed=True)
    categories = dict.fromkeys(category for verdict in against for category in verdict.categories)
    reasons = dict.fromkeys(verdict.reason for verdict in against if verdict.reason)
    return Verdict(allowed=False, categories=tuple(categories), reason="; ".join(reasons))
