"""`users` and `audit`: who may use the web service, how much, and what was done."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import desk
from bookwright.cli.money import budget
from bookwright.contracts.access import AuditAction, Role, User, UserChange, UserLimits
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ids import OwnerId
from bookwright.intake import parse_budget
from bookwright.money.usd import to_micros, to_usd
from bookwright.store.access.audit import COMMAND_LINE, AuditLog, Wanted
from bookwright.store.access.users import UserStore

MOST = 1_000
NONE = "none"
"""What lifts a limit."""
users = typer.Typer(help="Users of the web service: their roles, limits and budgets.", no_args_is_help=True)
TheUser = Annotated[str, typer.Argument(help="The user's id.")]
Limit = Annotated[int, typer.Option(min=1, max=MOST, help="How many at most.")]
Name = Annotated[str | None, typer.Option(help="What they are called.")]
JobsAtOnce = Annotated[str | None, typer.Option("--jobs", help="Jobs at once; `none` is as for everybody.")]
Requests = Annotated[str | None, typer.Option("--requests", help="Requests a minute; `none` is as for everybody.")]
Money = Annotated[str | None, typer.Option("--month", help="US dollars a month; `none` is as for everybody.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    users.command()(budget)
    app.add_typer(users, name="users")
    app.command()(audit)


@users.command("list")
def listed(
    q: Annotated[str, typer.Option("--find", help="Part of an id or a name.")] = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The newest users."""

    async def work() -> Exit:
        async with desk() as opened:
            found = await UserStore(opened.database).users(limit, q=q)
        if as_json:
            print_json([_json(user) for user in found])
        else:
            table = Table(Column("id", no_wrap=True), "name", "role", "state", "limits", box=None, padding=(0, 2, 0, 0))
            for user in found:
                state = "deactivated" if user.disabled_at else "active"
                table.add_row(user.user_id, escape(user.name or ""), user.role, state, _limits(user))
            out.print(table)
        return Exit.DONE

    run(work, as_json=as_json)


@users.command()
def show(user: TheUser, as_json: AsJson = False) -> None:
    """One user."""

    async def work() -> Exit:
        async with desk() as opened:
            _tell(await UserStore(opened.database).user(OwnerId(user)), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


@users.command()
def create(
    user: TheUser,
    name: Name = None,
    role: Annotated[Role, typer.Option(help="The most that their keys may do.")] = Role.USER,
    jobs: JobsAtOnce = None,
    requests: Requests = None,
    month: Money = None,
    as_json: AsJson = False,
) -> None:
    """Make a user. Keys are made for them with `keys create --user`."""

    async def work() -> Exit:
        limits = _given(jobs, requests, month)
        async with desk() as opened:
            store = UserStore(opened.database)
            _tell(await store.create(OwnerId(user), name, actor=COMMAND_LINE, role=role, limits=limits), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


@users.command()
def change(
    user: TheUser,
    name: Name = None,
    role: Annotated[Role | None, typer.Option(help="The most that their keys may do.")] = None,
    jobs: JobsAtOnce = None,
    requests: Requests = None,
    month: Money = None,
    active: Annotated[
        bool | None, typer.Option("--activate/--deactivate", help="Deactivated, nothing opens for them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a user: what is not named stays as it is."""

    async def work() -> Exit:
        wanted: dict[str, Any] = {"name": name, "role": role, "disabled": None if active is None else not active}
        wanted = {field: value for field, value in wanted.items() if value is not None}
        limits = _given(jobs, requests, month)
        if limits.model_fields_set:
            wanted["limits"] = limits
        if not wanted:
            raise BadInput("change: name something to change, such as --jobs 2 or --deactivate", field="change")
        async with desk() as opened:
            store = UserStore(opened.database)
            _tell(await store.change(OwnerId(user), UserChange(**wanted), actor=COMMAND_LINE), as_json)
        return Exit.DONE

    run(work, as_json=as_json)


def audit(
    user: Annotated[str | None, typer.Option(help="Done to this user's things.")] = None,
    actor: Annotated[str | None, typer.Option(help="Done by this user.")] = None,
    action: Annotated[AuditAction | None, typer.Option(help="Of this kind.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this time on, UTC.", formats=["%Y-%m-%d"])] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """The audit log, newest first: who did what to whose things, when and from where."""

    async def work() -> Exit:
        begin = since and since.replace(tzinfo=UTC)
        wanted = Wanted(owner=OwnerId(user) if user else None, actor=actor, action=action, since=begin)
        async with desk() as opened:
            found = await AuditLog(opened.database).entries(wanted, limit)
        if as_json:
            print_json([entry.model_dump(mode="json") for entry in found])
            return Exit.DONE
        table = Table("at", "action", "whose", "by", "about", "from", box=None, padding=(0, 2, 0, 0))
        for entry in found:
            failed = "" if entry.outcome == "ok" else " (in vain)"
            about = (f"{entry.at:%Y-%m-%d %H:%M}", f"{entry.action}{failed}", entry.user_id, entry.actor, entry.subject)
            table.add_row(*map(escape, about), entry.address or "")
        out.print(table)
        return Exit.DONE

    run(work, as_json=as_json)


def _given(jobs: str | None, requests: str | None, month: str | None) -> UserLimits:
    """The limits that were named, set in it. Raises BadInput."""
    given: dict[str, int | None] = {}
    for field, option, text in (("jobs_at_once", "jobs", jobs), ("requests_per_minute", "requests", requests)):
        if text is not None:
            if text != NONE and not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
                raise BadInput(f"{option}: give a number from 1 to 1000000, or {NONE}", field=option)
            given[field] = None if text == NONE else int(text)
    if month is not None:
        amount = None if month == NONE else parse_budget(month)
        given["month_micros"] = None if amount is None else to_micros(amount)
    return UserLimits(**given)


def _json(user: User) -> dict[str, Any]:
    month = user.limits.month_micros
    limits = user.limits.model_dump(exclude={"month_micros"}) | {"month_usd": None if month is None else to_usd(month)}
    return user.model_dump(mode="json", exclude={"limits"}) | {
        "disabled": user.disabled_at is not None,
        "limits": limits,
    }


def _tell(user: User, as_json: bool) -> None:
    if as_json:
        print_json(_json(user))
        return
    state = "deactivated" if user.disabled_at else "active"
    out.print(f"[bold]{escape(user.name or user.user_id)}[/bold] · {escape(user.user_id)} · {user.role} · {state}")
    if limits := _limits(user):
        out.print(limits)


def _limits(user: User) -> str:
    found = user.limits
    told = (
        f"{found.jobs_at_once} jobs at once" if found.jobs_at_once is not None else "",
        f"{found.requests_per_minute} requests a minute" if found.requests_per_minute is not None else "",
        f"{to_usd(found.month_micros)} USD a month" if found.month_micros is not None else "",
    )
    return ", ".join(filter(None, told))
