"""A person who has never seen Bookwright: signs in, orders a book, follows it, corrects a page, approves and reads.

`story` is played against a real `bookwright serve` with the engines of this machine; the test of it looks at the end,
the pictures of the documentation at the way there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page

BRIEF = {
    "character_name": "Luna",
    "character_type": "a small dragon",
    "special_ability": "breathes warm light",
    "story_world": "a floating archipelago",
    "adventure_type": "a treasure hunt",
}
PAGES = 6
CORRECTED = "Luna lit the lamp with one warm breath, and the whole island could see the stairs."
PATIENCE_MS = 300_000
Look = Callable[[str], Awaitable[None]]
"""Gets the name of each moment that is worth a picture."""


@contextmanager
def serving(home: Path) -> Iterator[dict[str, Any]]:
    """`bookwright serve` over a home of its own: what it says of itself, while it runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOOKWRIGHT_", "TEMPORAL_"))}
    command: list[str | Path] = [
        Path(sys.executable).parent / "bookwright",
        "serve",
        "--port",
        "0",
        "--ui-port",
        "0",
        "--json",
    ]
    environment = kept | {"BOOKWRIGHT_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line == b"}\n":
                    break
            yield json.loads(b"".join(lines))
        finally:
            process.terminate()


async def story(page: Page, web: str, key: str, look: Look) -> str:
    """From the sign-in page to the reader; the path of the book's page. Only what is on the pages is used."""
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(web)
    await page.fill("#key", key)
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".empty")
    await look("shelf-empty")

    await page.get_by_text("Order your first book").click()
    for name, value in BRIEF.items():
        await page.fill(f"#{name}", value)
    await page.locator("#pages").fill(str(PAGES))
    await page.check("#review")
    await page.wait_for_selector("#estimate .price")
    await look("order")
    await page.click("#place")
    await page.wait_for_url("**/books/*")
    book = page.url.removeprefix(web)
    await page.wait_for_selector("#approve")
    await page.wait_for_selector(f"#page-{PAGES}")
    await look("review")

    await page.click("#open-2")
    await page.click("#edit")
    await page.fill("#new-text", CORRECTED)
    await look("edit")
    await page.click("#save")
    await page.get_by_text(CORRECTED).first.wait_for()
    await page.go_back()

    await page.click("#approve")
    await page.wait_for_selector(".leaf img")
    await look("making")
    await page.wait_for_selector("#now[data-open=false]")
    await page.wait_for_selector(f"#page-{PAGES} img")
    await look("book")

    await page.click("#open-2")
    first = await page.get_attribute(".plate", "src")
    await page.click("#redo-illustrations")
    await page.wait_for_selector("#picture-1")
    await page.wait_for_selector("#view[data-open=false]")
    await look("versions")
    await page.click("#picture-1")
    await page.wait_for_selector(f'.plate[src="{first}"]')
    await page.go_back()

    await page.click("#read")
    await page.wait_for_selector("#begin:not([disabled])")
    return book
