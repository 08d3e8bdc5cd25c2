"""A page's sound comes from where it is published, and from here while that is not the page's sound."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from api.files.delivered import Delivered
from bookwright.contracts.aliases import Alias, page_audio
from bookwright.contracts.ids import LOCAL_OWNER
from bookwright.contracts.orders import BookContext
from bookwright.providers.cloudinary import CloudinaryPublisher
from bookwright.publishing import Publishing
from bookwright.store.publications import Publications
from emulators.cloudinary import API_KEY
from tests.support.emulator import KEY, EmulatorProcess
from tests.support.library import Home, home_at
from tests.support.stories import KITE

MP3 = b"ID3\4\0\0\0\0\0\0 the kite's first page"


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("cloudinary") as running:
        yield running


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with home_at(tmp_path) as made:
        yield made


@pytest.fixture
async def kite(home: Home) -> BookContext:
    """A finished book of which page 1 is spoken."""
    return await home.made(KITE, spoken=[1])


async def test_a_published_page_is_heard_from_there_until_it_is_narrated_anew(
    home: Home, kite: BookContext, emulator: EmulatorProcess
) -> None:
    publisher = CloudinaryPublisher("studio", API_KEY, SecretStr(KEY), base_url=emulator.url, delivery_url=emulator.url)
    publications = Publications(home.database)
    sound = f"/api/books/{kite.book_id}/audio/page_0001.mp3"
    async with home.client(app=home.app(delivered=Delivered(publications, publisher))) as client:
        assert (await client.get(sound)).status_code == 200
        pages = await home.books.binding_material(LOCAL_OWNER, kite.book_id, None)
        segment = pages.chapters[0].pages[0].asset
        asset = await home.assets.put(MP3, "audio/mpeg")
        await home.books.save_rendition(kite, "a page's MP3", asset)
        name = page_audio(kite.book_id, kite.language, 1)
        await home.books.save_aliases(LOCAL_OWNER, kite.book_id, [Alias(name=name, asset=asset, made_from=segment)])
        assert (await client.get(sound)).status_code == 200, "it is not there yet"
        assert await Publishing(publications, home.assets, publisher).step() == 1
        there = await client.get(sound, headers={"Range": "bytes=0-2"})
        assert there.status_code == 307 and there.headers["location"].startswith(emulator.url)
        async with httpx.AsyncClient(trust_env=False) as anybody:
            part = await anybody.get(there.headers["location"], headers={"Range": "bytes=0-2"})
        assert (part.status_code, part.content) == (206, b"ID3")
        assert (await client.head(sound)).status_code == 307
        await client.patch(f"/api/books/{kite.book_id}/pages/1", json={"text": "The kite flew on."})
        assert (await client.get(sound)).status_code == 404, "the old sound is not handed out for another text"
    async with home.client(app=home.app(delivered=Delivered(publications, publisher))) as client:
        client.headers.pop("Authorization")
        assert (await client.get(sound)).status_code == 401
