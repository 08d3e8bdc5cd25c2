"""A page that another provider than the one chosen has spoken says so, wherever the page is shown."""

from pathlib import Path

from bookwright.contracts.book import TrackState
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.store import PageOutcome
from tests.support.library import home_at
from tests.support.stories import KITE

WHO = "espeak-ng espeak-ng, en"


async def test_a_page_says_who_spoke_it_also_when_an_older_version_is_chosen_again(tmp_path: Path) -> None:
    async with home_at(tmp_path) as home, home.client() as client:
        context = await home.order(KITE)
        await home.read(context, KITE)
        segment = await home.speak(context, 1)
        asset = await home.assets.put(segment.model_dump_json().encode(), "application/json")
        outcome = PageOutcome(
            page=2, track=Track.NARRATION, state=TrackState.COMPLETED, asset=asset, made_by=WHO, stand_in=True
        )
        await home.books.page_outcome(context, outcome)
        await home.close(context)

        book = f"/api/books/{context.book_id}/reader"
        shown = (await client.get(book)).json()
        assert [(page["number"], page.get("made_by"), page["stand_in"]) for page in shown["pages"][:3]] == [
            (1, "espeak-ng, en-gb", False),
            (2, WHO, True),
            (3, None, False),
        ]
        assert f"{WHO} stood in for the narration of 1 page" in shown["reason"]

        page = f"/api/books/{context.book_id}/pages/2"
        edited = (await client.patch(page, json={"text": "Another kite."})).json()
        assert "made_by" not in edited and not edited["stand_in"]
        await client.put(f"{page}/versions/1")
        again = (await client.get(page)).json()
        assert (again["text"] != "Another kite.", again["made_by"], again["stand_in"]) == (True, WHO, True)
