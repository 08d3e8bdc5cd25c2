"""The reference of the API, as a page and as docs/api.md."""

import re

import pytest

from api.openapi.reference import Schema
from docs.reference import PAGE, document, page
from tests.support.library import Shelved


@pytest.fixture(scope="module")
def routes() -> Schema:
    """The OpenAPI document, which takes seconds to be made."""
    return document()


def test_the_reference_is_that_of_the_routes_there_are(routes: Schema) -> None:
    assert PAGE.read_text() == page(routes), "run `make docs`"


def test_links_lead_to_shapes(routes: Schema) -> None:
    text = page(routes)
    headings = {title.lower() for title in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


async def test_people_read_it_as_a_page(shelved: Shelved, routes: Schema) -> None:
    async with shelved.home.client() as asking:
        answer = await asking.get("/docs")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    found = answer.text
    ids = re.findall(r' id="([^"]+)"', found)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', found)) <= set(ids)
    for path in routes["paths"]:
        assert f"{path}</code></h3>" in found
    assert "<script" not in found and "`" not in re.sub(r"(?s)<code>.*?</code>", "", found)
