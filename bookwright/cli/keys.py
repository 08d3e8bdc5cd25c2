"""`keys`, and what `serve` says about signing in."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

import typer
from rich.markup import escape
from rich.table import Column, Table

from bookwright.cli.app import AsJson, Exit, err, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.contracts.access import KeyFacts, KeyId, Role, Scope
from bookwright.contracts.ids import LOCAL_OWNER, OwnerId
from bookwright.store.access.audit import COMMAND_LINE
from bookwright.store.access.credentials import Credentials
from bookwright.store.access.keys import KeyStore

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SHELF = "/"
"""Where whoever has signed in goes on."""
SHOWN = 100
keys = typer.Typer(help="Keys of the web service: who may use it, and for what.", no_args_is_help=True)
User = Annotated[str, typer.Option(help="Whose keys.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    user: User = LOCAL_OWNER,
    role: Annotated[Role, typer.Option(help="What its holder may do.")] = Role.USER,
    scopes: Annotated[list[Scope] | None, typer.Option("--scope", help="All when left out.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36500, help="Days until it expires; never by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and its user when there is none. It is printed once."""

    async def work() -> Exit:
        async with desk() as opened:
            made = await KeyStore(opened.database).create(
                OwnerId(user),
                name,
                actor=COMMAND_LINE,
                role=role,
                scopes=frozenset(scopes or Scope),
                expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
            )
        if as_json:
            print_json(made.facts.model_dump(mode="json") | {"key": made.key})
        else:
            err.print("This key is shown only now:")
            out.print(made.key, markup=False)
        return Exit.DONE

    run(work, as_json=as_json)


@keys.command("list")
def listed(user: User = LOCAL_OWNER, as_json: AsJson = False) -> None:
    """A user's newest keys."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await KeyStore(opened.database).keys(OwnerId(user), SHOWN)
        if as_json:
            print_json([facts.model_dump(mode="json") for facts in found])
        else:
            out.print(_table(found))
        return Exit.DONE

    run(work, as_json=as_json)


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")],
    user: User = LOCAL_OWNER,
    as_json: AsJson = False,
) -> None:
    """Revoke a key. It opens nothing any more from then on."""

    async def work() -> Exit:
        async with desk() as opened:
            await KeyStore(opened.database).revoke(OwnerId(user), KeyId(key), actor=COMMAND_LINE)
        if as_json:
            print_json({"id": key, "revoked": True})
        return Exit.DONE

    run(work, as_json=as_json)


class Welcome(NamedTuple):
    """How whoever starts the web pages gets in."""

    key: str | None
    """The first admin's key, when it was made now."""
    link: str
    """Signs one browser in, once, and leads to the shelf."""


async def welcome(desk: Desk, url: str, *, host: str) -> Welcome:
    """Make the first admin's key, where only this machine listens and there is no admin yet: whoever owns what the
    command line makes. And a link for this machine's browser."""
    store = KeyStore(desk.database)
    made = await store.first_admin() if host in LOOPBACK else None
    key = await store.admin_key(desk.owner)
    if key is None:
        return Welcome(None, f"{url}{SHELF}")
    ticket = await Credentials(desk.database).ticket(desk.owner, key)
    query = urlencode({"ticket": ticket, "next": SHELF})
    return Welcome(made.key if made else None, f"{url}/signin?{query}")


def _table(found: list[KeyFacts]) -> Table:
    short = (Column(name, no_wrap=True) for name in ("role", "scopes", "made", "used", "until"))
    table = Table(Column("id", no_wrap=True), "name", *short, box=None, padding=(0, 2, 0, 0))
    for facts in found:
        if facts.revoked_at:
            until = f"revoked {facts.revoked_at:%Y-%m-%d}"
        else:
            until = f"{facts.expires_at:%Y-%m-%d}" if facts.expires_at else ""
        made = f"{facts.created_at:%Y-%m-%d}"
        used = f"{facts.last_used_at:%Y-%m-%d}" if facts.last_used_at else "never"
        table.add_row(facts.id, escape(facts.name), facts.role, " ".join(facts.scopes), made, used, until)
    return table
