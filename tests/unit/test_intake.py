"""What makes an order the same order, and what is refused before there is a job."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bookwright.contracts.documents import DocumentKind
from bookwright.contracts.drafts import DocumentFacts
from bookwright.contracts.errors import BadInput, EmptySource, UnknownLanguage, UnknownVoice, UnreadableSource
from bookwright.contracts.ids import LOCAL_OWNER, AssetId, OwnerId, new_book_id
from bookwright.contracts.orders import NAME_LIMIT, TRACKS, BookOrder, Edition, InlineText, Track, editions_with
from bookwright.contracts.stories import Brief, BriefKind
from bookwright.intake import (
    SOURCE_LIMIT,
    Accepted,
    Wishes,
    accept,
    accept_document,
    check_tracks,
    is_document,
    lacking,
    parse_list,
)
from bookwright.providers.local.composing import LocalModel
from bookwright.providers.sarvam import SarvamEngine
from bookwright.settings import Settings
from bookwright.storyorders import Crew, order_brief
from bookwright.submission import check_file

TEXT = b"# The River\n\nFar up the valley the river began as a thread of water.\n\n# The Sea\n\nIt had no end.\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[SarvamEngine]:
    yield SarvamEngine("no-key-is-needed")


def accepted(
    engine: SarvamEngine, data: bytes = TEXT, name: str = "story.md", owner: OwnerId = LOCAL_OWNER, **wishes: Any
) -> Accepted:
    return accept(data, name, Wishes(**wishes), engine, owner)


def test_the_same_order_is_known_again(engine: SarvamEngine) -> None:
    first, second = accepted(engine), accepted(engine)
    assert first.fingerprint == second.fingerprint
    assert first.order.book_id != second.order.book_id


@pytest.mark.parametrize("wishes", [{"budget_usd": Decimal("2.50")}, {"priority": 1}])
def test_what_does_not_change_the_book_does_not_change_the_order(engine: SarvamEngine, wishes: dict[str, Any]) -> None:
    assert accepted(engine, **wishes).fingerprint == accepted(engine).fingerprint


def test_saying_what_is_found_anyway_does_not_change_the_order(engine: SarvamEngine) -> None:
    found = accepted(engine).order
    said = accepted(engine, language=found.language, voice=found.voice, title=found.title)
    assert said.fingerprint == accepted(engine).fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"data": TEXT.replace(b"river", b"brook")},
        {"language": "hi"},
        {"voice": "abhilash"},
        {"title": "Another"},
        {"author": "A. Writer"},
        {"editions": (Edition.MP3,)},
        {"owner": OwnerId("anna")},
    ],
)
def test_what_changes_the_book_is_another_order(engine: SarvamEngine, other: dict[str, Any]) -> None:
    assert accepted(engine, **other).fingerprint != accepted(engine).fingerprint


def test_another_model_is_another_order(engine: SarvamEngine) -> None:
    newer = SarvamEngine("no-key-is-needed", model="bulbul:v3")
    assert accepted(newer).fingerprint != accepted(engine).fingerprint


def test_what_is_not_said_is_found_in_the_text(engine: SarvamEngine) -> None:
    order = accepted(engine).order
    assert order.language == "en" and order.voice == engine.voice("en", None).id
    plain = accepted(engine, b"Far up the valley the river began as a thread of water.", "the_speckled-band.txt")
    assert plain.order.title == "the speckled band"


@pytest.mark.parametrize(
    ("wishes", "error", "field"),
    [
        ({"data": b""}, EmptySource, "source"),
        ({"data": b"*** ... ***"}, EmptySource, "source"),
        ({"data": b"\xff\xd8\xff\xe0 JFIF"}, UnreadableSource, "source"),
        ({"data": "Brücke".encode("latin-1")}, UnreadableSource, "source"),
        ({"language": "no tag"}, UnknownLanguage, "language"),
        ({"language": "fi"}, UnknownLanguage, "language"),
        ({"voice": "Caruso"}, UnknownVoice, "voice"),
        ({"title": "T" * (NAME_LIMIT + 1)}, BadInput, "title"),
        ({"title": "\t "}, BadInput, "title"),
        ({"author": ""}, BadInput, "author"),
        ({"voice": ""}, BadInput, "voice"),
        ({"editions": ()}, BadInput, "editions"),
        ({"editions": (Edition.BUNDLE,)}, BadInput, "editions"),
        ({"editions": (Edition.M4B_AMBIENCE,)}, BadInput, "editions"),
        ({"tracks": ()}, BadInput, "tracks"),
    ],
)
def test_a_refusal_names_the_field(
    engine: SarvamEngine, wishes: dict[str, Any], error: type[BadInput], field: str
) -> None:
    with pytest.raises(error) as refusal:
        accepted(engine, **wishes)
    assert refusal.value.field == field


@pytest.mark.parametrize("title", ["T" * NAME_LIMIT, "नदी की कथा", "🦦", "a\u202eb"])
def test_a_title_within_the_limit_is_taken_as_it_is(engine: SarvamEngine, title: str) -> None:
    assert accepted(engine, title=title).order.title == title


@pytest.mark.parametrize("name", ["x" * 5_000 + ".md", "../../etc/passwd.md", ".md", ""])
def test_a_hostile_file_name_makes_a_good_order(engine: SarvamEngine, name: str) -> None:
    order = accepted(engine, b"Far up the valley the river began.", name).order
    assert order.title and len(order.title) <= NAME_LIMIT


def test_a_heading_of_any_length_makes_a_title_within_the_limit(engine: SarvamEngine) -> None:
    order = accepted(engine, b"# " + b"river " * 1_000 + b"\n\nIt began.\n").order
    assert order.title and len(order.title) <= NAME_LIMIT


def accepted_document(
    engine: SarvamEngine, name: str = "book.pdf", facts: dict[str, Any] | None = None, **wishes: Any
) -> Accepted:
    about = {"kind": DocumentKind.PDF, "pages": 3, "sample": "Far up the valley the river began."} | (facts or {})
    return accept_document(DocumentFacts.model_validate(about), AssetId("ab" * 32), name, Wishes(**wishes), engine)


def test_a_document_says_what_it_is_called_unless_somebody_else_does(engine: SarvamEngine) -> None:
    facts = {"title": "The  River\n", "author": "A. Writer"}
    own = accepted_document(engine, facts=facts)
    assert (own.order.title, own.order.author, own.order.language) == ("The River", "A. Writer", "en")
    assert own.source is None and own.media_type == "application/pdf"
    said = accepted_document(engine, facts=facts, title="Another", author="B. Other").order
    assert (said.title, said.author) == ("Another", "B. Other")
    assert accepted_document(engine, "the_long-way.pdf", {"title": " "}).order.title == "the long way"


def test_the_same_document_is_known_again(engine: SarvamEngine) -> None:
    assert accepted_document(engine).fingerprint == accepted_document(engine).fingerprint
    assert accepted_document(engine).fingerprint != accepted_document(engine, editions=(Edition.PDF,)).fingerprint


@pytest.mark.parametrize("name", ["x" * 5_000 + ".pdf", "../../etc/passwd.pdf", ".pdf", ""])
def test_whatever_a_document_is_called_the_order_is_good(engine: SarvamEngine, name: str) -> None:
    order = accepted_document(engine, name, {"title": None}).order
    assert order.title and len(order.title) <= NAME_LIMIT
    long = accepted_document(engine, name, {"title": "T" * 5_000, "author": "A" * 5_000}).order
    assert long.title and long.author and len(long.title) == len(long.author) == NAME_LIMIT


def test_a_document_without_text_is_refused_with_what_to_do(engine: SarvamEngine) -> None:
    with pytest.raises(BadInput, match=r"text recognition \(OCR\)") as refusal:
        accepted_document(engine, facts={"has_text": False, "sample": ""})
    assert refusal.value.field == "file"


def test_a_document_is_known_by_its_name_or_its_beginning() -> None:
    assert is_document(b"%PDF-1.7", "paper") and is_document(b"PK\x03\x04", "x.txt") and is_document(b"", "A.HTML")
    assert not is_document(b"# The River", "story.md") and not is_document(b"<html>", "story.txt")


def test_files_that_can_not_be_taken_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(SOURCE_LIMIT + 1)
    for path, says in ((large, "larger than 64 MiB"), (tmp_path, "folder"), (tmp_path / "gone.txt", "no file")):
        with pytest.raises(BadInput, match=says) as refusal:
            check_file(path)
        assert refusal.value.field == "file"


def test_a_list_is_read_without_minding_spaces_case_and_repeats() -> None:
    assert parse_list(" M4B, mp3 ,m4b,", Edition, "editions") == (Edition.M4B, Edition.MP3)
    with pytest.raises(BadInput, match="tracks: choose from narration") as refusal:
        parse_list("smell", TRACKS, "tracks")
    assert refusal.value.field == "tracks"


def test_a_track_without_a_provider_is_refused_with_the_setting_that_is_missing() -> None:
    off = dict.fromkeys(("BOOKWRIGHT_TEXT", "BOOKWRIGHT_IMAGES", "BOOKWRIGHT_SOUNDS"), "off")
    nobody = lacking(Settings.model_validate(off))
    check_tracks([Track.NARRATION], nobody)
    for track, setting in ((Track.ILLUSTRATIONS, "BOOKWRIGHT_IMAGES"), (Track.SOUNDSCAPE, "BOOKWRIGHT_SOUNDS")):
        with pytest.raises(BadInput, match=f"BOOKWRIGHT_TEXT, {setting}") as refusal:
            check_tracks([track], nobody)
        assert refusal.value.field == "tracks"
    some = lacking(Settings.model_validate({**off, "BOOKWRIGHT_TEXT": "gemini", "BOOKWRIGHT_IMAGES": "gemini"}))
    check_tracks([Track.ILLUSTRATIONS], some)
    with pytest.raises(BadInput, match=r"made here: BOOKWRIGHT_SOUNDS"):
        check_tracks([Track.SOUNDSCAPE], some)


def test_what_is_made_for_other_tracks_is_not_ordered() -> None:
    with pytest.raises(BadInput, match="choose from narration, illustrations, soundscape"):
        parse_list("analysis", TRACKS, "tracks")
    with pytest.raises(ValidationError, match="choose from"):
        BookOrder(book_id=new_book_id(), source=InlineText(text="Once."), tracks=(Track.ANALYSIS,))


@pytest.mark.parametrize(
    ("chosen", "looker"),
    [
        ({"BOOKWRIGHT_IMAGES": "local"}, None),
        ({"BOOKWRIGHT_IMAGES": "replicate", "BOOKWRIGHT_TEXT": "local"}, "BOOKWRIGHT_VISION"),
        ({"BOOKWRIGHT_IMAGES": "replicate,local", "BOOKWRIGHT_TEXT": "local"}, "BOOKWRIGHT_VISION"),
        ({"BOOKWRIGHT_IMAGES": "replicate", "BOOKWRIGHT_TEXT": "local,gemini"}, None),
        ({"BOOKWRIGHT_IMAGES": "replicate", "BOOKWRIGHT_VISION": "gemini"}, None),
    ],
)
def test_who_looks_at_childrens_pictures_is_known_before_an_order_is_taken(
    engine: SarvamEngine, chosen: dict[str, str], looker: str | None
) -> None:
    keys = {"GEMINI_API_KEY": "k" * 20, "REPLICATE_API_TOKEN": "k" * 20}
    settings = Settings.model_validate(keys | chosen)
    assert lacking(settings).get(Track.VALIDATION) == looker
    brief = Brief(
        job_type=BriefKind.STORY_ADVENTURE,
        character_name="Luna",
        character_type="dragon",
        special_ability="glows in the dark",
        age_group="4-6",
        story_world="a forest",
        adventure_type="a treasure hunt",
    )
    crew = Crew(engine, LocalModel({}), lacking(settings))
    wishes = Wishes(language="en", tracks=(Track.NARRATION, Track.ILLUSTRATIONS))
    if looker:
        with pytest.raises(BadInput, match=looker) as refused:
            order_brief(brief, wishes, crew)
        assert refused.value.field == "age_group"
    else:
        assert order_brief(brief, wishes, crew).order.source == brief


def test_a_track_brings_the_editions_that_show_it_and_soundscapes_none() -> None:
    assert editions_with((), [Track.NARRATION]) == (Edition.MP3, Edition.M4B, Edition.EPUB)
    assert editions_with((Edition.MP3,), [Track.ILLUSTRATIONS]) == (Edition.MP3, Edition.EPUB, Edition.PDF)
    assert editions_with((Edition.PDF,), [Track.SOUNDSCAPE]) == (Edition.PDF,), "an audiobook nobody asked for"
