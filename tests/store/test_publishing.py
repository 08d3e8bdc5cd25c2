"""What Cloudinary delivers is what the store's public keys say, whatever dies in between."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from bookwright.contracts.aliases import Alias, page_audio
from bookwright.contracts.ids import AssetId, BookId, JobId
from bookwright.contracts.orders import BookContext
from bookwright.contracts.progress import JobState
from bookwright.providers.cloudinary import CloudinaryPublisher
from bookwright.publishing import HOLD, Publishing
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.publications import Publications
from emulators.cloudinary import API_KEY
from tests.store.conftest import ANNA, World
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.providers import emulator_of

MP3 = b"ID3\4\0\0\0\0\0\0"


emulator = emulator_of("cloudinary")


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """On SQLite, unless a test says otherwise."""
    kind = getattr(request, "param", "sqlite")
    return str(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "postgres_url"))


class Desk:
    """A book whose first page has a public key, and what publishes it."""

    def __init__(self, world: World, emulator: EmulatorProcess, context: BookContext) -> None:
        self.world = world
        self.context = context
        self.now = datetime.now(UTC)
        self.key = page_audio(context.book_id, "en", 1)
        self.publisher = CloudinaryPublisher(
            "studio", API_KEY, SecretStr(KEY), base_url=emulator.url, delivery_url=emulator.url
        )
        self.publications = Publications(world.database, lambda: self.now)
        self.publishing = Publishing(self.publications, world.assets, self.publisher)

    async def sound(self, content: bytes) -> AssetId:
        """Put a sound behind the page's key."""
        asset = await self.world.assets.put(MP3 + content, "audio/mpeg")
        await self.world.books.save_rendition(self.context, asset, asset)
        await self.world.books.save_aliases(ANNA, self.context.book_id, [Alias(name=self.key, asset=asset)])
        return asset

    async def delivered(self) -> bytes | None:
        """What readers get under the key; None when the store says that nothing is there."""
        found = await self.publications.delivered(ANNA, self.key)
        return None if found is None else (await self.fetch(found.version)).content

    async def fetch(self, version: str = "1") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.get(self.publisher.address(self.key, version))

    async def delete_book(self) -> None:
        await self.world.jobs.close(ANNA, JobId(self.context.job_id), JobState.DONE, None)
        assert await BookRemoval(self.world.database, self.world.assets, timedelta(0)).remove(
            ANNA, BookId(self.context.book_id)
        )


@pytest.fixture
async def desk(world: World, emulator: EmulatorProcess) -> Desk:
    return Desk(world, emulator, await world.book(ANNA, "One."))


async def test_a_page_is_published_once_and_again_when_its_sound_changes(desk: Desk, emulator: EmulatorProcess) -> None:
    assert await desk.delivered() is None
    first = await desk.sound(b"first")
    assert await desk.publishing.step() == 1
    assert hashlib.sha256(await desk.delivered() or b"").hexdigest() == first
    await desk.sound(b"first")
    assert await desk.publishing.step() == 0
    await desk.sound(b"second")
    assert await desk.delivered() is None, "what is there is the sound of another take"
    assert await desk.publishing.step() == 1 and await desk.delivered() == MP3 + b"second"
    assert (await emulator.calls())["received"] == 2 and await desk.publications.open() == 0


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
async def test_a_deleted_book_is_withdrawn(desk: Desk, emulator: EmulatorProcess) -> None:
    await desk.sound(b"sound")
    await desk.publishing.step()
    await desk.delete_book()
    assert (await desk.fetch()).status_code == 200
    assert await desk.publishing.step() == 1
    assert (await desk.fetch()).status_code == 404 and await desk.publications.open() == 0
    assert await desk.publishing.step() == 0


async def test_a_book_that_is_deleted_while_it_is_published_leaves_nothing(
    desk: Desk, emulator: EmulatorProcess
) -> None:
    await desk.sound(b"sound")
    await emulator.knobs(gate="upload")
    publishing = asyncio.create_task(desk.publishing.step())
    await emulator.wait_calls(1, of="held")
    await desk.delete_book()
    await emulator.release()
    assert await publishing == 1 and (await desk.fetch()).status_code == 200
    assert await desk.publishing.step() == 1
    assert (await desk.fetch()).status_code == 404 and await desk.publications.open() == 0


async def test_a_worker_killed_between_upload_and_row_is_made_good_by_another(
    desk: Desk, emulator: EmulatorProcess
) -> None:
    await desk.sound(b"sound")
    [due] = await desk.publications.claim(4, HOLD)
    assert due.asset
    await desk.publisher.publish(due.name, desk.world.assets.path(due.asset))  # and then it was killed
    assert await desk.publishing.step() == 0, "it may yet live"
    desk.now += HOLD
    assert await desk.publishing.step() == 1
    assert await desk.delivered() == MP3 + b"sound" and (await emulator.calls())["received"] == 2


async def test_what_was_uploaded_before_a_kill_goes_with_its_book(desk: Desk) -> None:
    await desk.sound(b"sound")
    [due] = await desk.publications.claim(4, HOLD)
    assert due.asset
    await desk.publisher.publish(due.name, desk.world.assets.path(due.asset))  # and then it was killed
    await desk.delete_book()
    desk.now += HOLD
    assert await desk.publishing.step() == 1 and (await desk.fetch()).status_code == 404


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
async def test_two_workers_share_the_work(desk: Desk, emulator: EmulatorProcess, world: World) -> None:
    names = [f"stories/{desk.context.book_id}/audio/en/page_{number:04d}.mp3" for number in range(6)]
    asset = await desk.sound(b"sound")
    await world.books.save_aliases(ANNA, desk.context.book_id, [Alias(name=name, asset=asset) for name in names])
    other = Publishing(desk.publications, world.assets, desk.publisher)
    while sum(await asyncio.gather(desk.publishing.step(), other.step())):
        pass
    assert set((await emulator.calls())["texts"].values()) == {1} and await desk.publications.open() == 0


async def test_a_rate_limit_is_waited_for_and_nothing_is_asked_meanwhile(desk: Desk, emulator: EmulatorProcess) -> None:
    await desk.sound(b"sound")
    await emulator.knobs(faults=[{"kind": "status", "status": 420, "retry_after": 90}])
    assert await desk.publishing.step() == 1
    desk.now += timedelta(seconds=60)
    assert await desk.publishing.step() == 0
    assert await Publishing(desk.publications, desk.world.assets, desk.publisher).step() == 0
    assert (await emulator.calls())["received"] == 1
    await emulator.knobs(faults=[])
    desk.now += timedelta(seconds=60)
    assert await Publishing(desk.publications, desk.world.assets, desk.publisher).step() == 1
    assert await desk.delivered() == MP3 + b"sound"


async def test_a_file_that_is_refused_is_not_offered_again_until_it_changes(
    desk: Desk, emulator: EmulatorProcess
) -> None:
    await desk.sound(b"sound")
    await emulator.knobs(faults=[{"kind": "status", "status": 400, "times": 1}])
    assert await desk.publishing.step() == 1 and await desk.delivered() is None
    assert await desk.publications.open() == 0 and await desk.publishing.step() == 0
    await desk.sound(b"another")
    assert await desk.publishing.step() == 1 and await desk.delivered() == MP3 + b"another"


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "reset"}, {"kind": "html"}])
async def test_what_fails_is_tried_again_later(desk: Desk, emulator: EmulatorProcess, fault: dict[str, object]) -> None:
    await desk.sound(b"sound")
    await emulator.knobs(faults=[fault])
    assert await desk.publishing.step() == 1 and await desk.publishing.step() == 0
    await emulator.knobs(faults=[])
    desk.now += timedelta(minutes=1)
    assert await desk.publishing.step() == 1 and await desk.delivered() == MP3 + b"sound"
