"""The local language model: who composes what, and what a spread tells of."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import pytest

from bookwright.contracts.book import PageText
from bookwright.contracts.errors import BadAnswer, Misconfigured, Permanent
from bookwright.contracts.ids import AssetId
from bookwright.contracts.media import TextTask
from bookwright.contracts.spreads import SpreadAnalysis
from bookwright.providers.local.composing import Composer, LocalModel, Wish
from bookwright.providers.local.meaning import LocalEmbedder
from bookwright.providers.local.purposes import composers
from bookwright.text.spreads import read_analysis, spread_task
from tests.support.labelled import labelled_books, tasks_of
from tests.support.scoring import Boundaries, boundaries

OBJECT = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


@pytest.fixture(scope="module")
async def model() -> AsyncIterator[LocalModel]:
    model = LocalModel(composers(), LocalEmbedder())
    yield model
    await model.close()


async def analysed(model: LocalModel, *texts: str, language: str = "en", before: str = "") -> SpreadAnalysis:
    pages = [PageText(number=number, chapter=1, text=text) for number, text in enumerate(texts, 3)]
    task = spread_task(pages, language, [PageText(number=2, chapter=1, text=before)] if before else [])
    written = await model.write(model.call(task), nullcontext())
    assert written.data is not None and written.cost_micros == 0
    return read_analysis(written.data, [page.number for page in pages])


def composer(compose: Any) -> LocalModel:
    return LocalModel({"count": Composer(compose, release=1)})


def task(**fields: Any) -> TextTask:
    return TextTask(**{"purpose": "count", "prompt": "p", "answer_schema": OBJECT, "material": {"n": 3}} | fields)


async def test_an_answer_is_composed_from_the_material_and_keeps_to_the_schema() -> None:
    model = composer(lambda wish: {"n": wish.material["n"]})
    written = await model.write(model.call(task()), nullcontext())
    assert written.data == {"n": 3}
    liar = composer(lambda wish: {"n": "three"})
    with pytest.raises(BadAnswer, match="schema"):
        await liar.write(liar.call(task()), nullcontext())


async def test_each_take_has_a_seed_of_its_own_and_the_same_call_the_same_answer() -> None:
    def compose(wish: Wish) -> str:
        return str(wish.seed)

    model = composer(compose)
    wanted = task(answer_schema=None)
    said = [(await model.write(model.call(wanted, take), nullcontext())).text for take in (0, 0, 1)]
    assert said[0] == said[1] != said[2]
    assert model.call(wanted).key == model.call(wanted.model_copy(update={"prompt": "other words"})).key


@pytest.mark.parametrize(
    ("wanted", "error", "says"),
    [
        (task(purpose="poetry"), Permanent, "'poetry'.*count.*BOOKWRIGHT_TEXT"),
        (task(pictures=(AssetId("a"),)), Misconfigured, "look at pictures"),
        (task(answer_schema={"type": 7}), Misconfigured, "no JSON Schema"),
    ],
)
async def test_what_can_not_be_composed_is_refused_before_it_begins(
    wanted: TextTask, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        composer(lambda wish: {}).call(wanted)


async def test_material_that_lacks_something_is_permanent() -> None:
    model = composer(lambda wish: {"n": wish.material["n"]})
    with pytest.raises(Permanent, match="KeyError"):
        await model.write(model.call(task(material={})), nullcontext())


@pytest.mark.parametrize(
    ("language", "text", "setting", "time", "weather"),
    [
        ("en", "They ran through the dark forest. It was midnight and the thunder rolled.", "forest", "night", "storm"),
        ("en", "She stirred the soup on the kitchen stove while the rain beat down.", "kitchen", "unknown", "rain"),
        ("hi", "रात को वे घने जंगल में पहुँचे। बारिश हो रही थी।", "forest", "night", "rain"),
        ("ta", "மாலையில் அவர்கள் கடற்கரைக்கு வந்தார்கள். காற்று வீசியது.", "beach", "dusk", "wind"),
    ],
)
async def test_a_spread_tells_where_and_when_it_is(
    model: LocalModel, language: str, text: str, setting: str, time: str, weather: str
) -> None:
    found = await analysed(model, text, language=language)
    assert (found.setting, found.time, found.weather) == (setting, time, weather)
    assert setting in found.sound_prompt and found.pictures[0].prompt.startswith("A scene")


async def test_what_is_only_talked_of_or_compared_with_is_not_where_they_are(model: LocalModel) -> None:
    found = await analysed(
        model,
        "A storm of applause went through the classroom. The teacher smiled like the sun over the sea.",
        'They sat at their desks. "My uncle lives by the ocean," said Tom, "in a castle on a mountain."',
    )
    assert (found.setting, found.weather) == ("school", "unknown")
    assert "Tom" in found.people


async def test_a_spread_without_a_place_is_where_the_one_before_it_was(model: LocalModel) -> None:
    said = '"And then?" asked Mira. "Then nothing," said the old man. He shut his eyes again.'
    assert (await analysed(model, said, before="They sat deep in the cave, where water dripped.")).setting == "cave"
    assert (await analysed(model, said, before="They lay on the deck, far out at sea.")).setting == "sea"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("They walked along Marl Street in the fog. Tom blew on his hands.", "Marl Street"),
        ("At last they reached Port Amber, where Tom's aunt lived. In Port Amber it was raining.", "Port Amber"),
        ("It was autumn when they arrived in Bergen.", "Bergen"),
        ("He looked at Tom. Tom had dreamt of a house in Bergen.", ""),
        ('"We are in Paris," said Ann in English. In May she said it to Tom.', ""),
    ],
)
async def test_a_place_has_the_name_that_the_text_gives_it(model: LocalModel, text: str, place: str) -> None:
    found = await analysed(model, text)
    assert found.place == place
    assert place not in found.people or not place


async def test_alternative_texts_are_in_the_language_of_the_book(model: LocalModel) -> None:
    [idea] = (await analysed(model, "रात को चंदा नदी के किनारे बैठी थी।", language="hi")).pictures
    assert idea.alt == "नदी, रात. रात को चंदा नदी के किनारे बैठी थी।"
    assert "by a river at night" in idea.prompt
    [unknown] = (await analysed(model, "Elle marchait sans bruit.", language="fr")).pictures
    assert unknown.alt.endswith("Elle marchait sans bruit.")


async def test_without_a_model_of_meaning_words_alone_have_to_do() -> None:
    model = LocalModel(composers())
    assert (await analysed(model, "The fish swam past the coral under water.")).setting == "underwater"
    assert (await analysed(model, "Hm.")).setting == "unknown"


@pytest.mark.timeout(120)
async def test_scenes_of_books_that_nothing_was_tuned_on_are_found(model: LocalModel) -> None:
    total = Boundaries()
    for book in labelled_books("heldout"):
        found = []
        for asked, pages in tasks_of(book):
            written = await model.write(model.call(asked), nullcontext())
            found.append(read_analysis(written.data or {}, pages))
        total += boundaries(book, found)
    assert total.right + total.missed >= 33
    # What is asked for is 0.85, and by far not reached yet: docs/scenes.md. Never lower this for the same books.
    assert total.f1 >= 0.57
