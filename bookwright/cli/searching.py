"""`search`: passages of audiobooks, by words and by meaning."""

from typing import Annotated

import typer
from rich.text import Text

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import desk
from bookwright.contracts.search import MOST_FOUND, FoundPassage
from bookwright.providers.choice import engines
from bookwright.searching import Searches
from bookwright.settings import Capability
from bookwright.store import LedgerStore
from bookwright.text.searching import asked, snippet


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(search)


def search(
    query: Annotated[str, typer.Argument(help="Words, in any language.")],
    limit: Annotated[int, typer.Option(help=f"How many passages at most; {MOST_FOUND} is the most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find passages of ingested audiobooks, yours and public ones, and where they are heard."""

    async def work() -> Exit:
        async with desk() as opened, engines(opened.settings, Capability.EMBEDDINGS) as chosen:
            ledger = LedgerStore(opened.database, opened.assets, month_budget=opened.settings.month_budget_micros)
            embedder = chosen.embeddings[0].engine if chosen.embeddings else None
            searches = Searches(opened.database, ledger, opened.assets, embedder)
            found = await searches.search(opened.owner, query, limit)
        if as_json:
            print_json(found.model_dump(mode="json"))
            return Exit.DONE
        for passage in found.passages:
            _tell(passage, frozenset(asked(query)))
        if not found.passages:
            out.print("Nothing was found.")
        if found.notice:
            out.print(Text(found.notice, style="yellow"))
        return Exit.DONE

    run(work, as_json=as_json)


def _tell(found: FoundPassage, wanted: frozenset[str]) -> None:
    minutes, seconds = divmod(found.recording_ms // 1000, 60)
    where = f" · {found.chapter_title} · page {found.page} · recording {found.recording} at {minutes}:{seconds:02}"
    out.print(Text.assemble((found.book_title, "bold"), where, f" · book {found.book_number}" if found.own else ""))
    shown = snippet(found.text, wanted)
    text = Text(shown.text.replace("\n", " "))
    for mark in shown.marks:
        text.stylize("bold yellow", mark.start, mark.end)
    out.print(Text("  ") + text)
