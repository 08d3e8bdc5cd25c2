"""A brief, or somebody's notes, become an order for a story that is yet to be written. The command line and the API
share this. Everything that can be refused is refused here, before a job exists."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bookwright.contracts.errors import BadInput, EmptySource
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId
from bookwright.contracts.orders import DEFAULT_EDITIONS, BookOrder, Edition, Track
from bookwright.contracts.ports.engines import LanguageModel, OfFewLanguages
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.ports.store import AssetStore
from bookwright.contracts.stories import MOST_PAGES, Brief, BriefKind, Notes, StoryKind
from bookwright.intake import UNPRINTABLE, Wishes, check_tracks, check_wishes, fingerprint, order_for
from bookwright.providers.guarded import check_address
from bookwright.store import JobRow, JobStore
from bookwright.text.language import detect_language, normalise_language
from bookwright.text.policy import LANGUAGES, judge
from bookwright.text.policy.judging import GROWN_UP, primary

NOTES_LIMIT = 200_000
"""Characters of notes: about 35,000 words, as many as a book of 140 pages has."""
DEFAULT_LANGUAGE = "en"
NOTES_EDITIONS = (Edition.EPUB, Edition.PDF)
"""Of a story whose sound may be ordered later."""
TRACKS_OF = {
    BriefKind.STORY_ADVENTURE: (Track.NARRATION, Track.ILLUSTRATIONS),
    BriefKind.INTERACTIVE_SEARCH: (Track.ILLUSTRATIONS,),
}
EDITIONS_OF = {
    BriefKind.STORY_ADVENTURE: DEFAULT_EDITIONS,
    BriefKind.INTERACTIVE_SEARCH: (Edition.EPUB, Edition.PDF),
}
_TOLD = (
    "character_name",
    "character_type",
    "special_ability",
    "story_world",
    "adventure_type",
    "occasion_theme",
)
"""The fields of a brief that are text."""


@dataclass(frozen=True)
class StoryOrder:
    """A checked order, and what has to be stored before it is accepted."""

    order: BookOrder
    fingerprint: str
    notes: bytes | None = None


@dataclass(frozen=True)
class Crew:
    """Who would make it, as far as an order has to be held against that."""

    speech: SpeechEngine
    text: LanguageModel | None
    lacking: Mapping[Track, str]
    """The tracks that nobody is set to make (`intake.lacking`)."""


def order_brief(brief: Brief, wishes: Wishes, crew: Crew, owner: OwnerId = LOCAL_OWNER, **more: Any) -> StoryOrder:
    """The order for a brief; `more` are further fields of it. Raises BadInput naming the field: a text that is not for
    readers of its ages, which is not repeated; an address that nothing is fetched from; a language or voice that there
    is none of."""
    if brief.is_search and Track.ILLUSTRATIONS not in wishes.tracks:
        raise BadInput("tracks: a search-and-find book needs its pictures: name illustrations, too", field="tracks")
    language = normalise_language(wishes.language or DEFAULT_LANGUAGE)
    youngest = brief.ages.youngest
    for field in _TOLD:
        _check_text(field, getattr(brief, field) or "-", language, youngest)
    if brief.character_image_url is not None:
        try:
            check_address(brief.character_image_url)
        except BadInput as refused:
            raise BadInput(f"character_image_url: {refused}", field="character_image_url") from None
    looker = crew.lacking.get(Track.VALIDATION)
    if looker and youngest < GROWN_UP and Track.ILLUSTRATIONS in wishes.tracks:
        raise BadInput(
            f"age_group: nobody is set to look at pictures before children do: {looker} must name a provider, or "
            "BOOKWRIGHT_IMAGES none but local",
            field="age_group",
        )
    return _ordered(brief, wishes, language, crew, owner, more)


def order_notes(
    content: str,
    wishes: Wishes,
    crew: Crew,
    owner: OwnerId = LOCAL_OWNER,
    *,
    kind: StoryKind,
    pages: int,
    tone: str = "warm",
    audience: str = "adults",
    improve_grammar: bool = False,
    **more: Any,
) -> StoryOrder:
    """The order for a story from notes; `more` are further fields of it. Raises BadInput naming the field."""
    if not any(sign.isalpha() for sign in content):
        raise EmptySource("content: there are no words in the notes; write what the story is to tell", field="content")
    if len(content) > NOTES_LIMIT:
        raise BadInput(f"content: give at most {NOTES_LIMIT} characters", field="content")
    if not 1 <= pages <= MOST_PAGES:
        raise BadInput(f"pages: give a number from 1 to {MOST_PAGES}", field="numberOfPages")
    language = normalise_language(wishes.language) if wishes.language else detect_language(content)
    for field, text in (("tone", tone), ("targetAudience", audience)):
        _check_text(field, text, language, None)
    if against := judge(content, language, None):
        raise _unfit("content", None, against)
    data = content.encode("utf-8", "replace")
    notes = Notes(
        story_kind=kind,
        content=AssetId(hashlib.sha256(data).hexdigest()),
        pages=pages,
        tone=tone,
        audience=audience,
        improve_grammar=improve_grammar,
    )
    return _ordered(notes, wishes, language, crew, owner, more, data)


async def submit_story(accepted: StoryOrder, jobs: JobStore, assets: AssetStore, *, once: bool = False) -> JobRow:
    """Store the notes, if there are any, and take the order in. With `once` the same order again answers the job that
    there is, or goes on with what is missing of its book. Raises StorageFull."""
    if accepted.notes is not None:
        await assets.put(accepted.notes, "text/plain")
    if once:
        return await jobs.accept_once(accepted.order, fingerprint=accepted.fingerprint)
    return await jobs.accept(accepted.order, fingerprint=accepted.fingerprint)


def _ordered(
    source: Brief | Notes,
    wishes: Wishes,
    language: str,
    crew: Crew,
    owner: OwnerId,
    more: Mapping[str, Any],
    notes: bytes | None = None,
) -> StoryOrder:
    if crew.text is None:
        field = "job_type" if isinstance(source, Brief) else "type"
        raise BadInput("nobody is set to write stories here: set BOOKWRIGHT_TEXT", field=field)
    if isinstance(crew.text, OfFewLanguages):
        crew.text.check_language(language)
    check_tracks((*wishes.tracks, *more.get("then", ())), crew.lacking)
    check_wishes(wishes, text_alone=True)
    order = order_for(source, wishes, wishes.title, language, crew.speech, owner, **more)
    return StoryOrder(order, fingerprint(order, crew.speech), notes)


def _check_text(field: str, text: str, language: str, age: int | None) -> None:
    if not text.strip():
        raise BadInput(f"{field}: give some words", field=field)
    if UNPRINTABLE.search(text):
        raise BadInput(f"{field}: there are control characters in it", field=field)
    if age is not None and age < GROWN_UP and primary(language) not in LANGUAGES:
        raise BadInput(f"language: nobody can check children's texts in {language} here", field="language")
    if against := judge(text, language, age):
        raise _unfit(field, age, against)


def _unfit(field: str, age: int | None, against: tuple[Any, ...]) -> BadInput:
    readers = "a book" if age is None else f"readers of {age}"
    found = ", ".join(str(category).replace("_", " ") for category in against)
    return BadInput(f"{field}: this is not for {readers} ({found}); say it in other words", field=field)
