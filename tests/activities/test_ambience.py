"""The audiobook with ambience: what it is bound from, when anew, and that the others stay dry."""

import av
import pytest

from bookwright.contracts.book import TrackState
from bookwright.contracts.errors import AssetCorrupt
from bookwright.contracts.orders import Edition, Track
from bookwright.contracts.ports.store import PageOutcome
from bookwright.contracts.spreads import Ambience
from emulators.ambience import wav
from tests.activities.conftest import Bindery, Engine
from tests.activities.test_binding import PAGES, source
from tests.store.conftest import ANNA, World, context_of

BOTH = (Edition.M4B, Edition.M4B_AMBIENCE)


@pytest.fixture
async def spoken(world: World) -> Bindery:
    """A book of two chapters whose pages are spoken, and can have soundscapes."""
    job = await world.accepted()
    await world.jobs.started(ANNA, job.job_id)
    tracks = (Track.NARRATION, Track.SOUNDSCAPE)
    context = context_of(job, len(PAGES)).model_copy(update={"title": "The Lamp", "tracks": tracks})
    made = Bindery(world, context, Engine())
    await made.save(source())
    assert (await made.studio.narrate()).done == len(PAGES)
    return made


async def score(bindery: Bindery, sound: bytes, *pages: int) -> None:
    """Give pages a soundscape."""
    assets = bindery.world.assets
    ambience = Ambience(
        sound=await assets.put(sound, "audio/wav"), media_type="audio/wav", duration_ms=2_000, loop=True, prompt="rain"
    )
    asset = await assets.put(ambience.model_dump_json().encode(), "application/json")
    for page in pages:
        outcome = PageOutcome(page=page, track=Track.SOUNDSCAPE, state=TrackState.COMPLETED, asset=asset)
        await bindery.world.books.page_outcome(bindery.context, outcome)


async def sides(bindery: Bindery, edition: Edition) -> int:
    with av.open(str(await bindery.path(edition))) as audio:
        return audio.streams.audio[0].channels


async def test_it_is_bound_beside_the_dry_one_and_as_long(spoken: Bindery) -> None:
    await score(spoken, wav("rain", 2), 1, 2, 3)
    assert [bound.files for bound in await spoken.bind(*BOTH)] == [0, 0, 1, 1]
    files = await spoken.files()
    dry, ambient = (files[edition, None] for edition in BOTH)
    assert (dry.name, ambient.name) == ("The Lamp.m4b", "The Lamp.ambience.m4b")
    assert ambient.media_type == "audio/mp4" and ambient.missing_pages == ()
    assert [mark.title for mark in ambient.marks] == ["The Lamp", "The Boat"]
    assert ambient.duration_ms == pytest.approx(dry.duration_ms, abs=50)
    assert await sides(spoken, Edition.M4B) == 1
    assert await sides(spoken, Edition.M4B_AMBIENCE) == 2


async def test_without_a_soundscape_there_is_none(spoken: Bindery) -> None:
    assert [bound.files for bound in await spoken.bind(*BOTH)] == [0, 0, 1, 0]
    assert set(await spoken.files()) == {(Edition.M4B, None)}
    await score(spoken, wav("rain", 2), 5)
    await spoken.bind(*BOTH)
    assert set(await spoken.files()) == {(edition, None) for edition in BOTH}


async def test_another_soundscape_makes_its_chapter_anew_and_touches_no_dry_file(spoken: Bindery) -> None:
    await score(spoken, wav("rain", 2), 1, 2, 3)
    await spoken.bind(Edition.MP3, *BOTH)
    before, parts = await spoken.files(), await spoken.parts()
    await spoken.bind(Edition.MP3, *BOTH)
    assert (await spoken.files(), await spoken.parts()) == (before, parts), "nothing has changed"
    await score(spoken, wav("wind", 2), 5)
    await spoken.bind(Edition.MP3, *BOTH)
    now = await spoken.files()
    assert {place for place in now if now[place] != before[place]} == {(Edition.M4B_AMBIENCE, None)}
    assert len(await spoken.parts() - parts) == 1, "the first chapter's sound was there"


async def test_a_soundscape_that_can_not_be_read_fails_this_edition_alone(spoken: Bindery) -> None:
    await score(spoken, b"no sound at all", 1)
    await spoken.bind(Edition.M4B)
    with pytest.raises(AssetCorrupt, match="soundscape"):
        await spoken.bind(Edition.M4B_AMBIENCE)
    assert set(await spoken.files()) == {(Edition.M4B, None)}
    assert list(spoken.world.assets.scratch().iterdir()) == []
