"""Books of the offline writer: what holds for all of them."""

import itertools
import random
import re
from collections import Counter
from typing import Any

import pytest

from bookwright.contracts.depicting import Mood, Setting, TimeOfDay, Weather
from bookwright.contracts.errors import UnknownLanguage
from bookwright.contracts.writing import PageScene
from bookwright.providers.local.tales.grammar import claims
from bookwright.providers.local.tales.library import LANGUAGES, library
from bookwright.providers.local.tales.tales import Tale
from bookwright.text.measure import count_words
from bookwright.text.policy import judge
from bookwright.text.stories.ages import sentence_length
from tests.unit.tales.conftest import HINDI, band, brief, text_of, written

ENGLISH_CHOICES: dict[str, list[Any]] = {
    "name": ["Luna", "Max", "Zoë", "王小明", "Ravi"],
    "type": ["brave dragon", "girl", "old man", "shy owl", "xylophone"],
    "ability": ["fire-breathing", "can fly", "talk to animals", "strength", "knitting very fast", "solves riddles"],
    "world": ["enchanted forest", "under the sea", "Planet Zorg", "my school", "candy land", "an attic", "मेरा घर"],
    "adventure": ["treasure hunt", "rescue mission", "a mystery", "big race", "something odd", "repairs", "monster"],
    "occasion": [None, "birthday", "Diwali", "my first tooth"],
}  # fmt: skip
HINDI_CHOICES: dict[str, list[Any]] = {
    "name": ["लूना", "आरव", "मीरा", "Leo"],
    "type": ["बहादुर ड्रैगन", "लड़की", "little robot", "खरगोश"],
    "ability": ["आग उगलना", "उड़ना", "talk to animals", "knitting"],
    "world": ["जादुई जंगल", "समुद्र", "space", "अनोखा शहर"],
    "adventure": ["ख़ज़ाने की खोज", "बचाव", "अजीब बात", "त्योहार", "यात्रा"],
    "occasion": [None, "जन्मदिन", "ईद", "पहला दाँत"],
}
AGES = [(3, 4), (4, 6), (6, 8), (7, 10), (10, 12)]
PAGES = [24, 12, 8, 16, 24, 32, 4, 40, 6, 10]


def any_brief(language: str, number: int) -> dict[str, Any]:
    chance = random.Random(number)
    choices = ENGLISH_CHOICES if language == "en" else HINDI_CHOICES
    youngest, oldest = AGES[number % len(AGES)]
    chosen = {key: chance.choice(values) for key, values in choices.items()}
    ages = {"youngest": youngest, "oldest": oldest}
    return brief(language=language, pages=PAGES[number % len(PAGES)], ages=ages, **chosen)


@pytest.fixture(scope="module", params=LANGUAGES)
def shelf(request: pytest.FixtureRequest) -> list[tuple[dict[str, Any], Tale]]:
    """Fifty books in a row."""
    briefs = [any_brief(request.param, number) for number in range(50)]
    return [(given, written(given, seed)) for seed, given in enumerate(briefs)]


Shelf = list[tuple[dict[str, Any], Tale]]


def grams(text: str, size: int = 4) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\s.,;:!?।“”‘’]+", text.casefold())
    return set(zip(*(words[start:] for start in range(size)), strict=False))


def mean_share(texts: list[str]) -> float:
    """Of the runs of four words of the shorter book, those that stand in the other, on average over all pairs."""
    found = [grams(text) for text in texts]
    shares = [len(one & other) / min(len(one), len(other)) for one, other in itertools.combinations(found, 2)]
    return sum(shares) / len(shares)


def test_a_book_has_the_ordered_pages_and_no_slot_is_left_open(shelf: Shelf) -> None:
    for given, book in shelf:
        text = text_of(book)
        assert len(book.pages) == given["pages"] and all(page.text.strip() for page in book.pages)
        assert not re.search(r"[{}|]|//|  |(?<!\.)\.\.(?!\.)|,,|None", text), given
        assert given["name"] in text and text.count("“") == text.count("”")


def test_no_sentence_is_told_twice_in_a_book_but_the_refrain(shelf: Shelf) -> None:
    refrains = set(library(shelf[0][0]["language"]).frames.refrains)
    for given, book in shelf:
        seen = Counter(claim for page in book.pages for claim in claims(page.text, given["language"]))
        twice = [claim for claim, times in seen.items() if times > 1]
        spoken = {_like(refrain, book) for refrain in refrains}
        assert all(any(claim in refrain for refrain in spoken) for claim in twice), (given, twice)


def _like(refrain: str, book: Tale) -> str:
    names = book.matter.voices.values
    return refrain.format(hero=names["hero"], pal=names["pal"]).casefold()


def test_pages_are_as_long_and_sentences_as_short_as_their_readers_want_them(shelf: Shelf) -> None:
    fitting = total = 0
    for given, book in shelf:
        wanted = band(given)
        counts = [count_words(page.text) for page in book.pages]
        if given["pages"] > 6:  # else everything has to be said in fewer pages than it takes
            fitting += sum(wanted.least <= count <= wanted.most for count in counts)
            total += len(counts)
        assert all(count < 2 * wanted.most for count in counts)
        assert sentence_length(text_of(book), given["language"]) <= wanted.sentence
    assert fitting / total > 0.95, "the others are a few words over or under"


def test_no_page_is_one_template_alone(shelf: Shelf) -> None:
    for given, book in shelf:
        alone = [page for page in book.pages if "\n\n" not in page.text and count_words(page.text) < band(given).words]
        assert len(alone) <= len(book.pages) / 4, given


def test_fifty_books_in_a_row_read_differently(shelf: Shelf) -> None:
    """Two chapters of one novel share about a fortieth of their runs of four words, two books filled into one form
    nearly all; a quarter is the number of pages of four that may be told alike before one feels to know the book."""
    assert mean_share([text_of(book) for _, book in shelf]) < 0.25


@pytest.mark.parametrize(("given", "bound"), [(brief(), 0.45), (brief(**HINDI), 0.6)], ids=LANGUAGES)
def test_the_same_order_again_is_another_book(given: dict[str, Any], bound: float) -> None:
    """World, plot and ability are the same then, so a good part has to be: what is new is who comes along, what happens
    on the way, and the words."""
    texts = [text_of(written(given, seed)) for seed in range(8)]
    assert len(set(texts)) == 8 and mean_share(texts) < bound
    assert text_of(written(given, 3)) == texts[3], "and the same seed the same one"


def test_every_page_shows_something_else(shelf: Shelf) -> None:
    for given, book in shelf:
        scenes = [PageScene.model_validate(page.scene) for page in book.pages]
        shown = {(scene.action, scene.setting, scene.time, scene.weather) for scene in scenes}
        assert len(shown) == len(scenes), given
        for scene in scenes:
            assert scene.setting in set(Setting) and scene.time in set(TimeOfDay)
            assert scene.weather in set(Weather) and scene.mood in set(Mood)
            assert given["name"] in scene.cast


def test_pictures_are_asked_for_in_english_and_described_in_the_books_language() -> None:
    book = written(brief(**HINDI))
    for page in book.pages:
        told = re.sub("|".join(map(re.escape, page.scene["cast"])), "", page.scene["action"])
        assert not re.search(r"[\u0900-\u097f]", told), page.scene["action"]
        assert re.search(r"[\u0900-\u097f]", page.scene["alt"].replace("मीरा", ""))


def test_nothing_is_in_a_book_that_its_youngest_readers_must_not_meet(shelf: Shelf) -> None:
    for given, book in shelf[::4]:
        assert not judge(text_of(book), given["language"], given["ages"]["youngest"]), given


@pytest.mark.parametrize(
    ("ability", "way"),
    [("can fly", "reach"), ("fire-breathing", "light"), ("talks to animals", "voice"), ("strength", "force"),
     ("solving puzzles", "mind"), ("knitting", "mind"), ("उड़ना", "reach"), ("आग उगलना", "light")],
)  # fmt: skip
def test_the_special_ability_decides_how_it_ends(ability: str, way: str) -> None:
    given = brief(ability=ability) | ({"language": "hi"} if ability[0] > "z" else {})
    book = written(given)
    climax = next(page.text for page in book.pages if any(beat.kind == "climax" for beat in page.beats))
    assert book.matter.way == way
    results = book.matter.plot.climax[way]
    first = re.sub(r"\{[^}]*\}", "", results[0].split(" ")[0])
    assert (
        any(word in climax for word in results[0].split(" ") if "{" not in word and len(word) > 4) and first is not None
    )
    others = [text for other, texts in book.matter.plot.climax.items() if other != way for text in texts]
    assert not any(re.split(r"[{|]", text)[0].strip() in climax for text in others if text[0] != "{")


def test_what_belongs_to_an_occasion_is_in_the_book_and_words_that_nobody_knows_are_kept() -> None:
    assert "candles" in text_of(written(brief(occasion="her 5th birthday", theme="birthday")))
    assert "दीया" in text_of(written(brief(**HINDI, occasion="दिवाली", theme="diwali")))
    odd = text_of(written(brief(occasion="Grandpa's new hip", world="Zork", ability="yodelling backwards")))
    assert "Grandpa's new hip" in odd and "Zork" in odd and "yodelling backwards" in odd


@pytest.mark.parametrize(
    ("given", "says", "never"),
    [
        (brief(**HINDI), r"मीरा[^।]{0,60}(गई|थी|लगी|हुई)", r"मीरा (रहता|गया|चला|बैठ गया)\b"),
        (
            brief(**HINDI | {"name": "आरव", "type": "लड़का"}),
            r"आरव[^।]{0,60}(गया|था|लगा|हुआ)",
            r"आरव (रहती|गई|चली|बैठ गई)\b",
        ),
        (brief(name="Mia", type="girl"), r"\b[Ss]he\b", r"Mia[^.]{0,40}\b(himself|his)\b"),
        (brief(name="Sam", type="boy"), r"\b[Hh]e\b", r"Sam[^.]{0,40}\b(herself|her)\b"),
    ],
)
def test_words_agree_with_the_heros_gender(given: dict[str, Any], says: str, never: str) -> None:
    for seed in range(6):
        text = " ".join(page.text for page in written(given | {"pages": 8}, seed).pages)
        alone = [part for part in re.split(r"\n\n|(?<=[.।!?])\s", text) if given["name"] in part]
        assert re.search(says, text), text
        pal = written(given | {"pages": 8}, seed).matter.pal
        assert not any(re.search(never, part) for part in alone if pal not in part), alone


def test_a_language_that_is_not_told_in_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownLanguage, match=r"English and Hindi only, not in ta.*BOOKWRIGHT_TEXT"):
        written(brief(language="ta"))


def test_both_languages_have_what_the_other_one_needs_for_pictures() -> None:
    english, hindi = library("en"), library("hi")
    for key, world in hindi.worlds.items():
        settings = [place.setting for place in english.worlds[key].places]
        assert [place.setting for place in world.places] == settings[: len(world.places)], key
    for key, plot in hindi.plots.items():
        known = {goal.get("lost", goal["goal"]) for goal in english.plots[key].goals}
        assert {goal["en"] for goal in plot.goals} <= known, key
    assert set(hindi.episodes) <= set(english.episodes) and set(hindi.pals) == set(english.pals)
    assert set(hindi.abilities) == set(english.abilities) and set(hindi.occasions) <= set(english.occasions)
