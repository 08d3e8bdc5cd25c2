"""`books`: the shelf, a book, and its deletion."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import desk
from bookwright.contracts.errors import BadInput, Conflict
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.access.audit import COMMAND_LINE
from bookwright.store.books.deletion import BookRemoval
from bookwright.store.books.shelf import Shelf
from bookwright.store.books.standing import BookFacts

MOST = 1_000
books = typer.Typer(help="Books: what there is of them, and their deletion.", no_args_is_help=True)
Book = Annotated[str, typer.Argument(help="The book's number or id.")]
User = Annotated[str, typer.Option(help="Whose books.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(books, name="books")


@books.command("list")
def listed(
    user: User = LOCAL_OWNER,
    q: Annotated[str, typer.Option("--find", help="Part of the title.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """A user's newest books."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await Shelf(opened.database).books(OwnerId(user), limit, q=q)
        if as_json:
            print_json([_json(book) for book in found])
            return Exit.DONE
        table = Table(Column("book", justify="right"), "title", "state", "pages", "job", box=None, padding=(0, 2, 0, 0))
        for book in found:
            table.add_row(str(book.number), escape(book.title), book.state, str(book.pages or ""), str(book.job_number))
        out.print(table)
        return Exit.DONE

    run(work, as_json=as_json)


@books.command()
def show(book: Book, user: User = LOCAL_OWNER, as_json: AsJson = False) -> None:
    """A book: what was ordered, what there is of it, and its files."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await Shelf(opened.database).facts(OwnerId(user), book)
            files = await opened.books.files(OwnerId(user), found.book_id)
        if as_json:
            print_json(_json(found) | {"files": [file.model_dump(mode="json") for file in files]})
            return Exit.DONE
        out.print(f"[bold]{escape(found.title)}[/bold] · book {found.number} · {found.state}")
        for reason in filter(None, (found.reason, found.warning)):
            out.print(escape(reason), style="yellow")
        facts = (found.author, found.language, found.voice, f"{found.pages} pages, {found.words} words")
        out.print(escape(" · ".join(filter(None, facts))))
        for file in files:
            out.print(f"  {file.name}  {file.bytes / 1e6:.1f} MB", markup=False)
        return Exit.DONE

    run(work, as_json=as_json)


@books.command()
def delete(
    book: Book,
    user: User = LOCAL_OWNER,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a book with all that was made of it. What its calls cost stays in the accounts."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await Shelf(opened.database).facts(OwnerId(user), book)
            if not yes and (as_json or not typer.confirm(f"Delete book {found.number}, {found.title}?")):
                raise BadInput("yes: give --yes to delete without being asked", field="yes")
            removal = BookRemoval(opened.database, opened.assets)
            if not await removal.remove(OwnerId(user), found.book_id, actor=COMMAND_LINE):
                raise Conflict(f"job {found.job_number} is not over: `bookwright cancel {found.job_number}` ends it")
        if as_json:
            print_json({"book": found.number, "deleted": True})
        else:
            out.print(f"book {found.number} is deleted")
        return Exit.DONE

    run(work, as_json=as_json)


def _json(book: BookFacts) -> dict[str, Any]:
    return book.model_dump(mode="json")
