"""Pictures that orders name by their address."""

import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bookwright.contracts.errors import BadInput, UnsafeAddress
from bookwright.providers.handed import HandedPictures
from tests.support.serving import served


def png() -> bytes:
    """The bytes of a picture."""
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "#7b4fc9").save(written, "PNG")
    return written.getvalue()


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """Where a picture is served, half of it, and a page."""
    answers = {"whole": png(), "cut": png()[:-20], "page": b"<!doctype html><title>No picture</title>"}

    async def endpoint(request: Request) -> Response:
        found = answers.get(request.path_params["name"])
        return Response(status_code=404) if found is None else Response(found, media_type="image/png")

    async with served(Starlette(routes=[Route("/{name}", endpoint)])) as address:
        yield address


async def test_a_picture_is_fetched_with_the_type_that_its_bytes_have(address: str) -> None:
    handed = HandedPictures(allowed=[address])
    try:
        assert await handed.fetch(f"{address}/whole") == (png(), "image/png")
    finally:
        await handed.close()


@pytest.mark.parametrize(("name", "says"), [("cut", "cut off"), ("page", "no PNG"), ("none", "nothing to be had")])
async def test_what_is_no_picture_is_refused_by_its_field(address: str, name: str, says: str) -> None:
    handed = HandedPictures(allowed=[address])
    try:
        with pytest.raises(BadInput, match=says) as refused:
            await handed.fetch(f"{address}/{name}")
    finally:
        await handed.close()
    assert refused.value.field == "character_image_url" and address not in str(refused.value)


async def test_inner_addresses_are_refused(address: str) -> None:
    handed = HandedPictures()
    with pytest.raises(UnsafeAddress, match="character_image_url"):
        await handed.fetch(f"{address}/whole")
    await handed.close()


async def test_one_that_never_fetched_anything_is_closed() -> None:
    await HandedPictures().close()
