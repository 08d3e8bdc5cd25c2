"""Who speaks a page: the order in which a chain's engines are asked, so that a chapter keeps its voice."""

from collections.abc import Mapping, Sequence

from activities.chain import Chain, Link
from bookwright.contracts.book import PageText, Voice
from bookwright.contracts.errors import UnknownLanguage, UnknownVoice
from bookwright.contracts.ids import JobId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.ports.speech import SpeechEngine

KEPT_CHANGES = 256
"""Chapters of which it is kept in mind that another engine has taken over."""

Speaker = Link[SpeechEngine]


class Speakers:
    """A chapter is finished by the engine that began it. When that one can't be had any more the next one takes over,
    for all that is left of the chapter: nothing goes back to the first choice but with the next chapter. Pages say who
    spoke them, and the job in which chapter the voice changes."""

    def __init__(self, chain: Chain[SpeechEngine]) -> None:
        self._chain = chain
        self._taken_over: dict[tuple[JobId, int], Speaker] = {}

    def able(self, context: BookContext) -> list[Speaker]:
        """Who can speak the book: the engines that have its voice, then those that speak its language in another one.
        Raises UnknownLanguage or UnknownVoice when nobody has the voice."""
        having, speaking = [], []
        refused: UnknownLanguage | UnknownVoice | None = None
        for link in self._chain.links:
            try:
                link.engine.voice(context.language, context.voice)
                having.append(link)
            except UnknownVoice as error:
                speaking.append(link)
                refused = refused or error
            except UnknownLanguage as error:
                refused = refused or error
        if refused is not None and not having:
            raise refused
        return having + speaking

    def in_order(
        self, able: Sequence[Speaker], context: BookContext, page: PageText, spoken_by: Mapping[int, str]
    ) -> list[Speaker]:
        """Those who can, whoever speaks the page's chapter first: who took over in this job, or else who spoke the
        nearest page before it or after it. `spoken_by` is what the chapter's pages near it say of that."""
        keeps = self._taken_over.get((JobId(context.job_id), page.chapter)) or _named(
            _nearest(page.number, spoken_by), able
        )
        return sorted(able, key=lambda link: link is not keeps)

    def spoke(self, link: Speaker, asked: Sequence[Speaker], context: BookContext, chapter: int) -> None:
        """Note who has spoken a page of the chapter, and who had been asked first."""
        if link is not asked[0]:
            if len(self._taken_over) >= KEPT_CHANGES:
                self._taken_over.clear()
            self._taken_over[JobId(context.job_id), chapter] = link


def voice_of(engine: SpeechEngine, language: str, wanted: str | None) -> Voice:
    """The wanted voice, or this engine's best in place of it."""
    try:
        return engine.voice(language, wanted)
    except UnknownVoice:
        return engine.voice(language, None)


def made_by(link: Speaker, voice: Voice) -> str:
    """What a page says of who spoke it."""
    return f"{link}, {voice.id}"


def _nearest(page: int, spoken_by: Mapping[int, str]) -> str | None:
    before = max((number for number in spoken_by if number < page), default=None)
    after = min((number for number in spoken_by if number > page), default=None)
    nearest = after if before is None else before
    return None if nearest is None else spoken_by[nearest]


def _named(made: str | None, able: Sequence[Speaker]) -> Speaker | None:
    return next((link for link in able if made is not None and made.startswith(f"{link}, ")), None)
