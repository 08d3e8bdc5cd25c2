"""The bound file: what the judge says of it, and what a reader finds in it."""

from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from bookwright.contracts.editions import PageMatter
from bookwright.contracts.errors import AssetMissing, BadInput
from bookwright.contracts.ids import AssetId
from bookwright.press.epub import EpubPress
from tests.support.epubcheck import epubcheck

from .conftest import HOSTILE_TITLE, TEXTS, Bindery, Draft, changed, digest
from .reading import Opened

SPOKEN = [*TEXTS, "untimed"]
JUDGED = ["pictured", "hi", "ta", "ur", "partial", "silent", "hostile", "divided"]
"""`pictured` is the English book, `partial` has sentences without word times."""


def test_epubcheck_has_nothing_to_say(books: dict[str, Path]) -> None:
    findings = epubcheck(*(books[name] for name in JUDGED))
    assert {name: findings[books[name]] for name in JUDGED} == {name: [] for name in JUDGED}


@pytest.mark.parametrize("name", SPOKEN)
def test_every_sentence_is_heard_in_order(name: str, books: dict[str, Path], drafts: dict[str, Draft]) -> None:
    wanted = [
        " ".join(page.text[sentence.start : sentence.end].split())
        for page in drafts[name].pages
        for sentence in page.sentences
    ]
    assert len(wanted) >= 3
    assert Opened(books[name]).sentences() == wanted


@pytest.mark.parametrize("name", SPOKEN)
def test_clips_are_all_of_the_audio_without_a_gap(name: str, books: dict[str, Path], drafts: dict[str, Draft]) -> None:
    book = Opened(books[name])
    total = 0
    for overlay, chapter in zip(book.overlays, drafts[name].chapters, strict=True):
        clips = book.clips(overlay)
        assert clips[0].begin_ms == 0
        assert all(clip.begin_ms < clip.end_ms for clip in clips)
        assert [clip.begin_ms for clip in clips[1:]] == [clip.end_ms for clip in clips[:-1]]
        last = chapter.pages[-1].audio
        assert last is not None and clips[-1].end_ms == last.end_ms
        total += last.end_ms
    assert book.metadata("media:duration") == [f"{total / 1000:.3f}s"]


@pytest.mark.parametrize("name", list(TEXTS))
def test_words_are_heard_when_the_voice_says_them(name: str, books: dict[str, Path], drafts: dict[str, Draft]) -> None:
    book = Opened(books[name])
    heard = [(clip.text, clip.begin_ms) for overlay in book.overlays for clip in book.clips(overlay)]
    spoken = [
        (page.text[word.start : word.end], page.audio.begin_ms + word.begin_ms)
        for page in drafts[name].pages
        for sentence in page.sentences
        for word in sentence.words
        if page.audio is not None
    ]
    assert len(spoken) >= 15
    assert [text for text, _ in heard] == [text for text, _ in spoken]
    assert max(abs(at - told) for (_, at), (_, told) in zip(heard, spoken, strict=True)) <= 80


def test_without_word_times_sentences_are_the_clips(books: dict[str, Path]) -> None:
    book = Opened(books["untimed"])
    assert all(clip.text == clip.sentence for overlay in book.overlays for clip in book.clips(overlay))


def test_the_same_book_gives_the_same_bytes(bindery: Bindery, drafts: dict[str, Draft], books: dict[str, Path]) -> None:
    assert digest(bindery.bind(drafts["pictured"], "again")) == digest(books["pictured"])


def test_audio_and_pictures_are_stored_once_and_as_they_are(
    bindery: Bindery, books: dict[str, Path], drafts: dict[str, Draft]
) -> None:
    assets = {page.audio.asset for page in drafts["pictured"].pages if page.audio}
    assets |= {page.picture.asset for page in drafts["pictured"].pages if page.picture}
    with ZipFile(books["pictured"]) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", ZIP_STORED, b"")
        media = [
            entry
            for entry in archive.infolist()
            if entry.filename.startswith(("EPUB/audio/", "EPUB/images/")) and "cover" not in entry.filename
        ]
        assert {entry.compress_type for entry in media} == {ZIP_STORED}
        assert sorted(map(archive.read, media)) == sorted(bindery.path(asset).read_bytes() for asset in assets)
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 3, 5, 7, 8, 8)}


def test_metadata_says_who_what_and_how_it_can_be_read(books: dict[str, Path]) -> None:
    book = Opened(books["hi"])
    assert book.texts("EPUB/package.opf", "//dc:identifier") == ["urn:uuid:7d0ef7a2-5f0b-4c0e-9a43-2f6f8f0c3f11"]
    assert book.texts("EPUB/package.opf", "//dc:title | //dc:creator | //dc:contributor | //dc:language") == [
        "पतंग और नदी",
        "hi",
        "Meera Joshi",
        "eSpeak NG",
    ]
    assert book.texts("EPUB/package.opf", "//opf:meta[@property='role']") == ["aut", "nrt"]
    assert book.metadata("dcterms:modified") == ["2026-03-05T07:08:09Z"]
    assert book.metadata("media:narrator") == ["eSpeak NG"]
    assert book.metadata("schema:accessMode") == ["textual", "auditory"]
    assert "synchronizedAudioText" in book.metadata("schema:accessibilityFeature")
    assert book.metadata("media:active-class") == ["-epub-media-overlay-active"]
    assert ".-epub-media-overlay-active" in book.bytes("EPUB/book.css").decode()


def test_a_book_without_audio_promises_none(books: dict[str, Path]) -> None:
    book = Opened(books["silent"])
    assert book.overlays == [] and not any(name.endswith(".mp3") for name in book.names)
    assert book.metadata("schema:accessMode") == ["textual"]
    assert "synchronizedAudioText" not in book.metadata("schema:accessibilityFeature")
    assert book.metadata("media:duration") == book.metadata("media:active-class") == []


def test_pictures_have_their_descriptions_and_only_then_it_is_said(
    bindery: Bindery, books: dict[str, Path], drafts: dict[str, Draft]
) -> None:
    book = Opened(books["pictured"])
    images = [image for name in book.names if "/text/" in name for image in book.find(name, "//h:figure/h:img")]
    assert [image.get("alt") for image in images] == ["A yellow kite over the sea"] * 2 + [""]
    assert "alternativeText" not in book.metadata("schema:accessibilityFeature")

    described = changed(drafts["pictured"], 3, picture=bindery.picture("WEBP", "Rain over the harbour"))
    book = Opened(bindery.bind(described, "described"))
    assert "alternativeText" in book.metadata("schema:accessibilityFeature")


def test_pages_and_chapters_can_be_gone_to(books: dict[str, Path]) -> None:
    book = Opened(books["pictured"])
    links = "//h:nav[@epub:type='{}']//h:a"
    assert book.texts("EPUB/nav.xhtml", links.format("toc")) == ["The Kite & the Gull 1", "The Kite & the Gull 2"]
    pages = book.find("EPUB/nav.xhtml", links.format("page-list"))
    assert [page.text for page in pages] == ["iv", "v", "3"]
    for page in pages:
        document, element = (page.get("href") or "").split("#")
        (mark,) = book.find(f"EPUB/{document}", f"//*[@id='{element}']")
        assert (mark.get("role"), mark.get("aria-label")) == ("doc-pagebreak", page.text)


def test_page_numbers_are_in_the_digits_of_the_language(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    book = drafts["silent"].book.model_copy(update={"language": "bn", "pages": 12})
    bound = Opened(bindery.bind(Draft(book, drafts["silent"].chapters), "bengali"))
    assert bound.texts("EPUB/nav.xhtml", "//h:nav[@epub:type='page-list']//h:a") == ["১", "২", "৩"]
    assert bound.texts("EPUB/title.xhtml", "//h:li") == ["পৃষ্ঠা ৪–১২: এই সংস্করণে নেই।"]


def test_a_long_chapter_is_several_documents(books: dict[str, Path], drafts: dict[str, Draft]) -> None:
    book, draft = Opened(books["divided"]), drafts["divided"]
    documents = [f"EPUB/text/{name}.xhtml" for name in ("c0001", "c0001_002", "c0002")]
    spine = [item.get("idref") for item in book.find("EPUB/package.opf", "//opf:itemref")]
    assert spine[-3:] == [Path(name).stem for name in documents]
    links = "//h:nav[@epub:type='{}']//h:a"
    chapters = [link.get("href") for link in book.find("EPUB/nav.xhtml", links.format("toc"))]
    assert chapters == ["text/c0001.xhtml", "text/c0002.xhtml"]
    pages = [link.get("href") for link in book.find("EPUB/nav.xhtml", links.format("page-list"))]
    assert pages == [f"{name.removeprefix('EPUB/')}#page{page}" for page, name in enumerate(documents, 1)]
    assert [len(book.texts(name, "//h:h1")) for name in documents] == [1, 0, 1]
    assert book.sentences() == Opened(books["en"]).sentences()
    lengths = book.texts("EPUB/package.opf", "//opf:meta[@property='media:duration' and @refines]")
    assert lengths == [f"{(page.audio.end_ms - page.audio.begin_ms) / 1000:.3f}s" for page in draft.pages if page.audio]


def test_a_document_ends_where_a_paragraph_does(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    texts = (
        "She walked.",
        "She walked down to",
        "the river and sat",
        "down. There she stayed.",
        "Then it rained.",
        "Night.",
    )
    pages = tuple(PageMatter(number=number, text=text) for number, text in enumerate(texts, 1))
    chapter = drafts["silent"].chapters[0].model_copy(update={"pages": pages})
    bound = bindery.bind(Draft(drafts["silent"].book, (chapter,)), "cut", EpubPress(part_marks=4))
    book = Opened(bound)
    found = [book.texts(name, "//h:p") for name in sorted(book.names) if "/text/" in name]
    assert found == [[*texts[:4]], [*texts[4:]]]
    going_on = book.texts("EPUB/text/c0001.xhtml", "//h:p[@class='on']")
    assert going_on == [texts[2], texts[3]], "they are not set as paragraphs of their own"


def test_verse_keeps_its_lines_and_paragraphs_stand_apart(books: dict[str, Path]) -> None:
    verse, prose = Opened(books["en"]).find("EPUB/text/c0002.xhtml", "//h:p")
    assert verse.get("class") == "verse" and len(verse.findall(".//{*}br")) == 3
    assert "".join(prose.itertext()) == "Then it rained."


def test_a_partial_book_says_inside_what_is_missing(books: dict[str, Path]) -> None:
    book = Opened(books["partial"])
    reason = "The narration of this page failed: “<no voice>”."
    assert book.texts("EPUB/text/c0001.xhtml", "//h:aside[@role='note']") == [reason]
    assert book.texts("EPUB/title.xhtml", "//h:li") == [f"Page 2: {reason}", "Pages 4–6: Not in this edition."]
    assert len(book.sentences()) < len(Opened(books["en"]).sentences())


@pytest.mark.parametrize(("name", "way"), [("ur", "rtl"), ("hi", "ltr")])
def test_direction_follows_the_language(name: str, way: str, books: dict[str, Path]) -> None:
    book = Opened(books[name])
    (spine,) = book.find("EPUB/package.opf", "//opf:spine")
    assert spine.get("page-progression-direction") == way
    for document in (name for name in book.names if name.endswith(".xhtml")):
        assert (book.xml(document).get("lang"), book.xml(document).get("dir")) == (name, way)


def test_labels_in_another_language_than_the_book_are_marked(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    danish = Draft(drafts["en"].book.model_copy(update={"language": "da"}), drafts["en"].chapters)
    book = Opened(bindery.bind(danish, "danish"))
    (heading,) = book.find("EPUB/nav.xhtml", "//h:h1")
    assert (heading.text, heading.get("lang")) == ("Contents", "en")
    (heading,) = Opened(bindery.bind(drafts["ta"], "tamil")).find("EPUB/nav.xhtml", "//h:h1")
    assert (heading.text, heading.get("lang")) == ("பொருளடக்கம்", None)


def test_hostile_text_is_only_text(books: dict[str, Path]) -> None:
    book = Opened(books["hostile"])
    documents = [name for name in book.names if name.endswith(".xhtml")]
    assert not any(book.find(name, "//h:script | //h:b") for name in documents)
    (title,) = book.texts("EPUB/package.opf", "//dc:title")
    assert title.startswith("Zero bell esc <script>alert(1)</script> ]]> & right &amp;lt; {{ 7 * 7 }} {% raw %} long")
    assert len(title) > 4_800 and not set(title) & set(map(chr, [*range(32), 0x202E, 0x2066]))
    assert book.texts("EPUB/text/c0002.xhtml", "//h:h1") == [title]
    labels = book.texts("EPUB/nav.xhtml", "//h:nav[@epub:type='toc']//h:a")
    assert labels[0] == "Chapter 1" and len(labels[1]) <= 120 < len(HOSTILE_TITLE)
    assert len(book.find("EPUB/text/c0001.xhtml", "//h:div[@id='whole1']/h:p")) == 2


def test_pages_done_are_told_and_a_stop_leaves_nothing(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    draft, told = drafts["en"], list[int]()
    target = bindery.folder / "stopped.epub"
    EpubPress().bind(draft.book, draft.chapters, bindery.path, target, told.append)
    assert told == [1, 2, 3] and target.exists()

    def stop(pages: int) -> None:
        if pages == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        EpubPress().bind(draft.book, draft.chapters, bindery.path, target, stop)
    assert not target.exists()


def test_a_missing_asset_leaves_nothing(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    target = bindery.folder / "unheard.epub"

    def gone(asset: AssetId) -> Path:
        raise AssetMissing("It is gone.")

    with pytest.raises(AssetMissing):
        EpubPress().bind(drafts["en"].book, drafts["en"].chapters, gone, target, lambda pages: None)
    assert not target.exists()


@pytest.mark.parametrize("update", [{"cover": b"GIF89a"}, {"language": "not a language"}])
def test_what_no_epub_can_have_is_refused(
    update: dict[str, object], bindery: Bindery, drafts: dict[str, Draft]
) -> None:
    draft = Draft(drafts["en"].book.model_copy(update=update), drafts["en"].chapters)
    with pytest.raises(BadInput):
        bindery.bind(draft, "refused")
    assert not (bindery.folder / "refused.epub").exists()


def test_chapters_are_taken_one_at_a_time(bindery: Bindery, drafts: dict[str, Draft]) -> None:
    """The next chapter is asked for only when the one before it is in the file."""
    target = bindery.folder / "slow.epub"
    sizes = []

    def slowly() -> object:
        for chapter in drafts["en"].chapters:
            sizes.append(target.stat().st_size)
            yield chapter

    EpubPress().bind(drafts["en"].book, slowly(), bindery.path, target, lambda pages: None)  # type: ignore[arg-type]
    assert sizes[1] - sizes[0] > 20_000, "the first chapter's audio is on disk"
