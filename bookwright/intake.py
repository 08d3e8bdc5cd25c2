"""Intake: a text somebody hands in becomes an order. Everything that can be refused is refused here, before a job
exists, so that a refusal leaves nothing behind."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from mimetypes import MimeTypes
from pathlib import Path
from typing import Any, TypeVar

from bookwright.contracts.book import UNKNOWN, SourceText
from bookwright.contracts.depicting import PictureStyle
from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.drafts import DocumentFacts
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId, new_book_id
from bookwright.contracts.orders import (
    DEFAULT_EDITIONS,
    NAME_LIMIT,
    TRACKS,
    WITH_AMBIENCE,
    BookOrder,
    Edition,
    Source,
    StoredDocument,
    StoredText,
    Track,
)
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.settings import Capability, Provider, Settings
from bookwright.text.decode import decode
from bookwright.text.language import detect_language, normalise_language
from bookwright.text.source import guess_format, read_source

Choice = TypeVar("Choice", Track, Edition)

SOURCE_LIMIT = 64 * 1024 * 1024
"""Bytes of a source, pictures and all."""
TEXT_LIMIT = 16 * 1024 * 1024
"""Bytes of a plain text, which is taken apart in memory; the longest novels have five million letters, of up to three
bytes each."""
DOCUMENT_TYPES = {
    DocumentKind.PDF: "application/pdf",
    DocumentKind.EPUB: "application/epub+zip",
    DocumentKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    DocumentKind.HTML: "text/html",
}
_ENDINGS = {f".{kind}": str(kind) for kind in DocumentKind} | {
    **dict.fromkeys((".htm", ".xhtml"), "html"),
    **dict.fromkeys((".txt", ".text", ".md", ".markdown", ".mdown", ".mkd", ".mdx"), "text"),
}
_MEDIA_TYPES = {media_type: str(kind) for kind, media_type in DOCUMENT_TYPES.items()} | {
    "application/xhtml+xml": "html",
    **dict.fromkeys(("text/plain", "text/markdown", "text/x-markdown"), "text"),
}
_TYPES_OF_NAMES = MimeTypes()
"""As Python knows them, not this machine: a name such as `paper v1.2` has no ending."""
_NEVER = frozenset({".exe", ".mobi", ".azw3", ".odt", ".rtf", ".zip"})
_READ = "hand in a text, Markdown, PDF, EPUB, DOCX or HTML file"
DOCUMENT_ENDINGS = frozenset({".pdf", ".epub", ".docx", ".html", ".htm", ".xhtml"})
DOCUMENT_MARKS = (b"%PDF-", b"PK\x03\x04")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""No part of a name: databases refuse some, and lists and headers break at others."""


@dataclass(frozen=True)
class Wishes:
    """What a person says about the book besides its text."""

    title: str | None = None
    author: str | None = None
    language: str | None = None
    voice: str | None = None
    tracks: tuple[Track, ...] = (Track.NARRATION,)
    editions: tuple[Edition, ...] = DEFAULT_EDITIONS
    budget_usd: Decimal | None = None
    priority: int = 5
    review: bool = False
    """Wait for approval once the text was read or written."""
    style: PictureStyle = PictureStyle.ARTISTIC
    max_retries: int = 0
    """How often its job goes back into the queue when it has failed."""


@dataclass(frozen=True)
class Accepted:
    """A checked order: what it will be made from, and the fingerprint by which the same order is known again."""

    order: BookOrder
    source: SourceText | None
    """The text, taken apart; None for a document, which only the job reads as a whole."""
    media_type: str
    language: str
    fingerprint: str


def check_kind(name: str, declared: str) -> str | None:
    """The kind that a file's name and the media type that its sender declares say it is: `text`, a DocumentKind, or
    None when they say nothing. Raises BadInput (field `file`) for one that is not read, and when the two disagree."""
    ending = Path(name).suffix.lower()
    by_name = _ENDINGS.get(ending)
    if by_name is None and (_TYPES_OF_NAMES.guess_type(f"x{ending}")[0] or ending in _NEVER):
        raise BadInput(f"files called {ending} are not read: {_READ}", field="file")
    by_type = _MEDIA_TYPES.get(declared)
    if by_type is None and declared not in ("", "application/octet-stream"):
        raise BadInput(f"the file is declared as a media type that is not read: {_READ}", field="file")
    if None not in (by_name, by_type) and by_name != by_type:
        raise BadInput(f"the file is called {ending} and declared as {declared}: which one is it?", field="file")
    return by_name or by_type


def is_document(head: bytes, name: str) -> bool:
    """Whether a file that begins with `head` is a document (PDF, EPUB, DOCX, HTML) rather than plain text or
    Markdown."""
    return Path(name).suffix.lower() in DOCUMENT_ENDINGS or head.startswith(DOCUMENT_MARKS)


def accept_document(
    facts: DocumentFacts,
    asset: AssetId,
    name: str,
    wishes: Wishes,
    engine: SpeechEngine,
    owner: OwnerId = LOCAL_OWNER,
    *,
    sees: bool = False,
) -> Accepted:
    """Check a document, of which `DocumentReader.probe` has said the facts, and the wishes for it. `asset` is what its
    bytes will be kept as. What people say wins over what the document says of itself. `sees` says whether there is
    anybody who reads pages off their pictures; of a document without any text, the language is then found when they
    were read. Raises BadInput as `accept` does."""
    check_wishes(wishes)
    if not facts.has_text and not (sees and facts.kind is DocumentKind.PDF):
        raise BadInput(
            "No page of the document has text that can be read: it is scanned, or its letters are garbled. Run text "
            "recognition (OCR) on it first; reading it as it is needs a vision provider.",
            field="file",
        )
    language = normalise_language(wishes.language) if wishes.language else None
    if language is None and facts.has_text:
        language = detect_language(facts.sample)
    source = StoredDocument(asset=asset, format=facts.kind, name=name[-NAME_LIMIT:])
    own = Wishes(**{**vars(wishes), "author": wishes.author or _shown(facts.author)})
    order = order_for(source, own, wishes.title or _shown(facts.title) or _title_from(name), language, engine, owner)
    return Accepted(
        order=order,
        source=None,
        media_type=DOCUMENT_TYPES[facts.kind],
        language=language or UNKNOWN,
        fingerprint=fingerprint(order, engine),
    )


def accept(data: bytes, name: str, wishes: Wishes, engine: SpeechEngine, owner: OwnerId = LOCAL_OWNER) -> Accepted:
    """Check a text and the wishes for it.

    Raises BadInput naming the field: empty or binary text, a wrong encoding, an unknown language or voice, a name
    over NAME_LIMIT characters, no track or edition.
    """
    check_wishes(wishes)
    text = decode(data)
    form = guess_format(name, text)
    source = read_source(text, form, title=wishes.title)
    language = normalise_language(wishes.language) if wishes.language else detect_language(text)
    stored = StoredText(asset=AssetId(hashlib.sha256(data).hexdigest()), format=form, name=name[-NAME_LIMIT:])
    order = order_for(stored, wishes, wishes.title or source.title or _title_from(name), language, engine, owner)
    return Accepted(
        order=order,
        source=source,
        media_type="text/plain",
        language=language,
        fingerprint=fingerprint(order, engine),
    )


def check_wishes(wishes: Wishes, *, text_alone: bool = False) -> None:
    """Raise BadInput for names that can't be any, for no edition, and, unless it is `text_alone`, for no track."""
    for field in ("title", "author", "voice"):
        value = getattr(wishes, field)
        if value is not None and (not value.strip() or len(value) > NAME_LIMIT):
            raise BadInput(f"{field}: give 1 to {NAME_LIMIT} characters", field=field)
        if value is not None and UNPRINTABLE.search(value):
            raise BadInput(f"{field}: there are control characters in it", field=field)
    if not wishes.editions:
        raise BadInput("editions: name at least one of " + ", ".join(Edition), field="editions")
    if set(wishes.editions) == {Edition.BUNDLE}:
        raise BadInput("editions: a bundle is made of other editions: name at least one besides it", field="editions")
    if WITH_AMBIENCE & {*wishes.editions} and Track.SOUNDSCAPE not in wishes.tracks:
        raise BadInput(
            f"editions: {Edition.M4B_AMBIENCE} needs soundscapes: name the track {Track.SOUNDSCAPE}, too",
            field="editions",
        )
    if not (wishes.tracks or text_alone):
        raise BadInput("tracks: name at least one of " + ", ".join(TRACKS), field="tracks")


def order_for(
    source: Source,
    wishes: Wishes,
    title: str | None,
    language: str | None,
    engine: SpeechEngine,
    owner: OwnerId,
    **more: Any,
) -> BookOrder:
    """The order for a new book from `source`, its voice one of `engine`; `more` are further fields of it. Without
    a language its voice is as wished. Raises BadInput when the language has no such voice."""
    return BookOrder(
        book_id=new_book_id(),
        owner_id=owner,
        source=source,
        title=title,
        author=wishes.author,
        language=language,
        voice=engine.voice(language, wishes.voice).id if language else wishes.voice,
        tracks=wishes.tracks,
        editions=wishes.editions,
        style=wishes.style,
        budget_usd=wishes.budget_usd,
        priority=wishes.priority,
        max_retries=wishes.max_retries,
        review=wishes.review,
        **more,
    )


def _shown(found: str | None) -> str | None:
    """What a document says of itself, as far as it can be used."""
    return " ".join(UNPRINTABLE.sub(" ", found or "").split())[:NAME_LIMIT] or None


def fingerprint(order: BookOrder, engine: SpeechEngine) -> str:
    """The hash of everything that changes the book; not of its id, budget, priority, retries or
    review."""
    other = {"book_id", "generation", "budget_usd", "priority", "max_retries", "review", "review_sheet"}
    relevant = order.model_dump_json(exclude=other)
    return hashlib.sha256(f"{engine.provider}:{engine.model}:{relevant}".encode()).hexdigest()


def _title_from(name: str) -> str:
    """A title from a file's name: `the_speckled-band.txt` → `the speckled band`."""
    stem = UNPRINTABLE.sub(" ", Path(name).stem).replace("_", " ").replace("-", " ").strip()
    return stem[:NAME_LIMIT] or "Untitled"


def lacking(settings: Settings) -> dict[Track, str]:
    """The tracks that nobody is set to make, and the setting that would name somebody. `validation` is among them when
    nobody could look at others' pictures, without which none is used in a children's book."""
    needed = {
        Track.ILLUSTRATIONS: (Capability.TEXT, Capability.IMAGES),
        Track.SOUNDSCAPE: (Capability.TEXT, Capability.SOUNDS),
    }
    found = {
        track: ", ".join(capability.variable for capability in capabilities if not settings.chain(capability))
        for track, capabilities in needed.items()
        if not all(map(settings.chain, capabilities))
    }
    theirs = set(settings.chain(Capability.IMAGES)) - {Provider.LOCAL}
    if theirs and not sees(settings):
        found[Track.VALIDATION] = Capability.VISION.variable
    return found


def sees(settings: Settings) -> bool:
    """Whether anybody looks at pictures: whoever is set to, or else a model that writes and sees."""
    return bool(settings.chain(Capability.VISION)) or Provider.GEMINI in settings.chain(Capability.TEXT)


def check_tracks(tracks: Iterable[Track], lack: Mapping[Track, str]) -> None:
    """Raise BadInput when one of the tracks can't be made here (`lacking`)."""
    for track in tracks:
        if track in lack:
            raise BadInput(f"tracks: {track} can't be made here: {lack[track]} must name a provider", field="tracks")


def parse_list(text: str, choices: Iterable[Choice], field: str) -> tuple[Choice, ...]:
    """`mp3,m4b` as members of `choices`. Raises BadInput naming what there is."""
    known = {str(choice): choice for choice in choices}
    names: Sequence[str] = [part.strip().lower() for part in text.split(",") if part.strip()]
    try:
        return tuple(dict.fromkeys(known[name] for name in names))
    except KeyError:
        raise BadInput(f"{field}: choose from {', '.join(known)}", field=field) from None


def parse_budget(text: str | None) -> Decimal | None:
    """An amount in US dollars, as it was typed. Raises BadInput."""
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < 1_000_000:
        raise BadInput("budget: give an amount in US dollars, such as 2.50", field="budget")
    return amount.quantize(Decimal("0.000001"))
