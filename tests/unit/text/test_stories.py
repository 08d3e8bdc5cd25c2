"""Stories as text: chapters shared out, pages brought to their length, put together, and read back as they were."""

import random

import pytest

from bookwright.contracts.ids import AssetId
from bookwright.contracts.stories import Ages, Brief, BriefKind, Notes, StoryKind, Thing
from bookwright.contracts.writing import DraftPage, Ideas, PageIdea, PageScene
from bookwright.text.measure import count_words
from bookwright.text.stories.ages import BANDS, ages_of_audience, band_of, misfits
from bookwright.text.stories.fitting import fits, fitted
from bookwright.text.stories.ideas import analysis_of
from bookwright.text.stories.life import LIFE_STAGES
from bookwright.text.stories.manuscript import FinishedChapter, fingerprint, put_together, read_back
from bookwright.text.stories.parts import CHAPTER_PAGES, parts_of
from bookwright.text.stories.searching import listed_text, read_scenes, runs_of, scene_count, search_scenes
from bookwright.text.stories.themes import theme_of

SCENE = PageScene(
    setting="cave", time="night", weather="clear", mood="calm", intensity=0.4, action="A dragon reads.", alt="A dragon."
)


def notes(pages: int, kind: StoryKind) -> Notes:
    return Notes(story_kind=kind, content=AssetId("0" * 64), pages=pages)


def sentences_of(seed: int, words: int) -> list[str]:
    """Sentences of 4 to 22 words, so many words together at least."""
    chance = random.Random(seed)
    found: list[str] = []
    while sum(len(one.split()) for one in found) < words:
        found.append(" ".join(f"w{chance.randrange(10_000)}" for _ in range(chance.randint(4, 22))).capitalize() + ".")
    return found


@pytest.mark.parametrize("pages", [1, 4, 8, 12, 16, 20, 24, 37, 100, 200])
def test_every_page_is_in_one_chapter_and_a_life_has_its_stages_in_order(pages: int) -> None:
    for kind in StoryKind:
        parts = parts_of(notes(pages, kind))
        assert [page for part in parts for page in range(part.first_page, part.first_page + part.pages)] == list(
            range(1, pages + 1)
        )
        assert all(part.pages <= CHAPTER_PAGES for part in parts)
    told = [stage for part in parts_of(notes(pages, StoryKind.LIFE)) for stage in part.stages]
    assert list(dict.fromkeys(told)) == [stage.key for stage in LIFE_STAGES]


@pytest.mark.parametrize("seed", range(12))
def test_text_is_brought_to_its_pages_without_losing_a_word(seed: int) -> None:
    """Whatever pages its writer has made of it: too many, too few, of any length."""
    chance = random.Random(seed)
    wanted = chance.choice([1, 3, 8])
    sentences = sentences_of(seed, wanted * chance.randint(235, 262))
    cuts = sorted(chance.sample(range(1, len(sentences)), min(chance.randint(1, 9), len(sentences) - 1)))
    pages = [" ".join(sentences[start:end]) for start, end in zip([0, *cuts], [*cuts, len(sentences)], strict=True)]
    found = fitted(pages, wanted, 213, 287, "en")
    assert fits([page.text for page in found], wanted, 213, 287), [count_words(page.text) for page in found]
    assert " ".join(page.text for page in found).split() == " ".join(pages).split()


def test_a_text_that_is_too_short_is_shared_out_and_one_that_fits_is_left_alone() -> None:
    short = fitted(["One two three. Four five six."], 4, 213, 287, "en")
    assert len(short) == 4 and sum(len(page.text.split()) for page in short) == 6
    assert all(page.text for page in short)
    with pytest.raises(ValueError, match="fewer words"):
        fitted(["One two."], 3, 213, 287, "en")
    pages = [" ".join(sentences_of(number, 240)) for number in range(2)]
    assert [page.text for page in fitted(pages, 2, 213, 287, "en")] == pages


def test_a_page_keeps_the_scene_that_most_of_it_comes_from() -> None:
    first, second = " ".join(sentences_of(1, 400)), " ".join(sentences_of(2, 110))
    assert [page.origin for page in fitted([first, second], 2, 213, 287, "en")] == [0, 0]


@pytest.mark.parametrize(
    "page",
    [
        "# no heading, *no emphasis*, [no](link) & 2 < 3 > 1.",
        "- not a list\n\n+ nor this\n\n1. nor that",
        "A_b_c `code` ~~gone~~ \\ back\n\n> said nobody\n\n| a | b |",
        "“Wait!” — 「待って」 प्रकाश।\n\n===",
    ],
)
def test_a_manuscript_is_read_back_as_it_was_written(page: str) -> None:
    chapters = [
        FinishedChapter(title="One *star*", pages=(page, "Second page.")),
        FinishedChapter(title="Two", pages=("Third.",)),
    ]
    found = read_back(put_together("Luna & the [Cave]", chapters))
    assert found.title == "Luna & the [Cave]"
    assert [chapter.title for chapter in found.chapters] == ["One *star*", "Two"]
    texts = [page.text for chapter in found.chapters for page in chapter.pages]
    assert texts == [page, "Second page.", "Third."]


def test_what_is_measured_against_an_age_is_told_to_the_writer() -> None:
    band = band_of(Ages.parse("7-10"))
    assert band.words == 84 and [band_of(Ages(youngest=age, oldest=age)).to for age in (2, 4, 6, 9, 12, 40)] == [
        3,
        5,
        7,
        9,
        12,
        99,
    ]
    good = "Luna ran up the hill. The wind ran too. " * 9
    assert misfits([good], "en", band) == []
    (short,) = misfits(["Luna ran."], "en", band)
    assert short == "page 1 has 2 words; write 55 to 113"
    hard = "the " + "incomprehensibly magnanimous considerations " * 28
    assert [wrong.split()[0] for wrong in misfits([hard], "en", band)] == ["sentences", "99%"]
    assert all(one.things <= 12 for one in BANDS)


@pytest.mark.parametrize(
    ("audience", "youngest"),
    [("children 6-9", 6), ("teenagers", 13), ("the whole family", 6), ("adults", None), ("readers 30 to 40", None)],
)
def test_an_audience_in_words_has_an_age(audience: str, youngest: int | None) -> None:
    ages = ages_of_audience(audience)
    assert (ages.youngest if ages else None) == youngest


def test_occasions_are_recognised_in_several_languages() -> None:
    found = [theme_of(words) for words in ("7th Birthday!", "दिवाली", "first_day_at_school", "Einhorn", None)]
    assert [theme.key if theme else None for theme in found] == [
        "birthday",
        "diwali",
        "first_day_of_school",
        None,
        None,
    ]


@pytest.mark.parametrize("pages", range(4, 41))
def test_a_search_book_has_an_answer_page_for_every_few_scenes(pages: int) -> None:
    scenes = scene_count(pages)
    thing = Thing(name="red kite", shown="a red kite")
    search = search_scenes([DraftPage(text="Look.", scene=SCENE, things=(thing,))] * scenes, pages)
    assert sum(runs_of(pages)) == scenes and scenes + len(search.answers) == pages
    shown = [scene.page for answer in search.answers for scene in search.on(answer)]
    assert shown == list(range(1, scenes + 1))
    assert max(len(search.on(answer)) for answer in search.answers) <= 4


def test_a_thing_that_is_listed_twice_is_looked_for_once() -> None:
    things = [{"name": name, "shown": name} for name in ("kite", "Kite", "owl", "drum", "key")]
    page = {"text": "Look.", "scene": SCENE.model_dump(), "things": things}
    (found,) = read_scenes({"title": "Find", "pages": [page]}, 1).pages
    assert [thing.name for thing in found.things] == ["kite", "owl", "drum", "key"]
    assert listed_text(found) == "Look.\n\nkite\n\nowl\n\ndrum\n\nkey"
    with pytest.raises(ValueError, match="instead of 2"):
        read_scenes({"title": "Find", "pages": [page]}, 2)


def test_ideas_stand_for_an_analysis_as_long_as_the_text_is_theirs() -> None:
    pages = [
        page
        for chapter in read_back(put_together("T", [FinishedChapter(title="C", pages=("A.", "B."))])).chapters
        for page in chapter.pages
    ]
    ideas = Ideas(
        pages=tuple(
            PageIdea(page=page.number, text=fingerprint(page.text), scene=SCENE.model_copy(update={"sounds": (sound,)}))
            for page, sound in zip(pages, ("drip", "wind"), strict=True)
        )
    )
    found = analysis_of(pages, ideas)
    assert found is not None and found.pages == (1, 2) and found.sounds == ("drip", "wind")
    assert [picture.alt for picture in found.pictures] == ["A dragon."] * 2
    edited = pages[1].model_copy(update={"text": "B, edited."})
    assert analysis_of([pages[0], edited], ideas) is None
    assert analysis_of([pages[0]], ideas) is not None


def test_a_brief_says_what_kind_it_is() -> None:
    brief = Brief(
        job_type=BriefKind.INTERACTIVE_SEARCH,
        character_name="Luna",
        character_type="dragon",
        special_ability="light",
        age_group="3-5",
        story_world="caves",
        adventure_type="hunt",
    )
    assert brief.is_search and brief.ages.youngest == 3
