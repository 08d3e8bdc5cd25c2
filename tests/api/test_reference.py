"""The reference of the API, as a page and as docs/api.md."""

import re

from docs.reference import PAGE, document, page
from tests.support.library import Shelved


def test_the_reference_is_that_of_the_routes_there_are() -> None:
    assert PAGE.read_text() == page(document()), "run `make docs`"


def test_links_lead_to_shapes() -> None:
    text = page(document())
    headings = {title.lower() for title in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= headings


async def test_people_read_it_as_a_page(shelved: Shelved) -> None:
    async with shelved.home.client() as asking:
        answer = await asking.get("/docs")
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
    found = answer.text
    ids = re.findall(r' id="([^"]+)"', found)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', found)) <= set(ids)
    for path in document()["paths"]:
        assert f"{path}</code></h3>" in found
    assert "<script" not in found and "`" not in re.sub(r"(?s)<code>.*?</code>", "", found)
