"""A book with a character sheet is spoken in several voices, by the real espeak-ng."""

from collections.abc import AsyncIterator

import pytest_asyncio

from activities.chain import Chain, Link
from activities.slots import Slots
from bookwright.contracts.book import SpokenClip
from bookwright.contracts.calls import ProviderCall
from bookwright.contracts.characters import Character, CharacterSheet
from bookwright.contracts.ports.calls import Turn
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.contracts.progress import BatchOutcome
from bookwright.providers.local.espeak import EspeakEngine
from tests.activities.conftest import Engine, Studio
from tests.store.conftest import ANNA, World

PAGE = "The path ended.\n\n“Now what?” asked Moti.\n\n“We jump,” said Luna. “One, two, three!”\n\nAnd they jumped."
SHEET = CharacterSheet(
    characters=(
        Character(name="Luna", kind="dragon", looks="small, green", voice="young, bright"),
        Character(name="Moti", kind="dog", looks="brown, shaggy", voice="low, grumbling"),
    )
)


class Recorder(EspeakEngine):
    """Notes who was asked to say what."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []

    async def speak(self, call: ProviderCall, turn: Turn) -> SpokenClip:
        self.said.append((str(call.input["voice"]), str(call.input["text"])))
        return await super().speak(call, turn)


@pytest_asyncio.fixture
async def espeak() -> AsyncIterator[Recorder]:
    engine = Recorder()
    yield engine
    await engine.close()


async def studio(world: World, text: str, engine: SpeechEngine, *, sheet: bool) -> Studio:
    context = (await world.book(ANNA, text)).model_copy(update={"voice": engine.voice("en", None).id})
    if sheet:
        asset = await world.assets.put(SHEET.model_dump_json().encode(), "application/json")
        context = context.model_copy(update={"sheet": asset})
    made = Studio(world, context, Engine())
    made.chain = Chain([Link[SpeechEngine](engine, Slots(2), 30)])
    return made


async def test_everybody_on_the_sheet_has_a_voice_and_the_narrator_the_rest(world: World, espeak: Recorder) -> None:
    told = await studio(world, PAGE, espeak, sheet=True)
    narrator = espeak.voice("en", told.context.voice).id
    assert await told.narrate() == BatchOutcome(done=1)
    voices = {text: voice for voice, text in espeak.said}
    luna, moti = voices["“We jump,”"], voices["“Now what?”"]
    assert len({luna, moti, narrator}) == 3
    assert voices["“One, two, three!”"] == luna
    assert [voices[text] for text in ("The path ended.", "asked Moti.", "said Luna.", "And they jumped.")] == [
        narrator
    ] * 4
    clips = (await told.segments())[1].clips
    assert " ".join(clip.text for clip in clips) == " ".join(PAGE.split())
    assert all(PAGE[clip.text_start :].startswith(clip.text) for clip in clips)
    pauses = {clip.text: clip.pause_ms for clip in clips}
    assert pauses["“We jump,”"] < pauses["said Luna."] < pauses["asked Moti."], "clause, sentence, paragraph"


async def test_another_line_of_somebody_is_one_clip_to_be_bought(world: World, espeak: Recorder) -> None:
    await (await studio(world, PAGE, espeak, sheet=True)).narrate()
    espeak.said.clear()
    changed = await studio(world, PAGE.replace("We jump", "We fly"), espeak, sheet=True)
    assert await changed.narrate() == BatchOutcome(done=1)
    assert [text for _, text in espeak.said] == ["“We fly,”"]


async def test_a_book_without_a_sheet_is_spoken_by_one_voice_in_few_calls(world: World, espeak: Recorder) -> None:
    plain = await studio(world, PAGE, espeak, sheet=False)
    await plain.narrate()
    assert espeak.said == [(espeak.voice("en", plain.context.voice).id, PAGE)]


async def test_an_engine_with_one_voice_stays_with_it(world: World) -> None:
    engine = Engine()
    told = await studio(world, PAGE, engine, sheet=True)
    await told.narrate()
    assert engine.spoken.total() == 1
