"""`serve`, `worker` and `doctor`."""

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from bookwright.cli.app import AsJson, Exit, err, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.cli.keys import Welcome, welcome
from bookwright.cli.makers import check_engines
from bookwright.contracts.errors import BadInput
from bookwright.contracts.queues import Queue
from bookwright.money.usd import to_usd
from bookwright.service import ONE_BLAS_THREAD, log_tail
from bookwright.settings import Settings
from bookwright.temporal import free_port

if TYPE_CHECKING:
    from bookwright.cli.checks import Check

PORT = 8080
UI_PORT = 8233


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(doctor)


def serve(
    port: Annotated[
        int, typer.Option(help="The web pages' port; 0 takes a free one.", envvar="BOOKWRIGHT_PORT")
    ] = PORT,
    host: Annotated[str, typer.Option(help="Where the web pages can be reached from.")] = "127.0.0.1",
    ui_port: Annotated[int, typer.Option(help="The Temporal UI's port; 0 takes a free one.")] = UI_PORT,
    as_json: AsJson = False,
) -> None:
    """Run everything that is needed, until Ctrl-C, which lets what is under way be finished."""

    async def work() -> Exit:
        from bookwright.cli.web import web_pages  # half a second that the other commands do without

        async with desk(ui_port=ui_port or free_port()) as opened:
            await check_engines(opened.settings)
            await opened.client()
            if not opened.service.hosting:
                raise BadInput("a service is running for this BOOKWRIGHT_HOME already", field="BOOKWRIGHT_HOME")
            async with web_pages(opened, host, port) as url:
                entry = await welcome(opened, url, host=host)
                if as_json:
                    service = opened.service
                    about = {"web": url, "temporal": service.address, "ui": service.ui, "pid": os.getpid()}
                    print_json(about | {"key": entry.key, "sign_in": entry.link})
                    sys.stdout.flush()
                return await serve_until_interrupted(opened, entry._replace(key=None) if as_json else entry)

    run(work, as_json=as_json)


async def serve_until_interrupted(desk: Desk, entry: Welcome) -> Exit:
    """Keep the service up until Ctrl-C or SIGTERM; what of it dies is replaced."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if entry.key:
        err.print(f"Your key as the first admin, shown only now: {entry.key}", markup=False)
    err.print("Order, follow and read books in a browser. This link signs one in, once:")
    err.print(entry.link, markup=False)
    err.print(f"Temporal at {desk.service.address}" + (f", its UI at {desk.service.ui}" if desk.service.ui else ""))
    err.print("Ctrl-C drains and stops.")
    while not stop.is_set():
        if await desk.service.revive():
            err.print("Temporal or the worker ended unexpectedly and was started again")
            err.print(log_tail(desk.settings.home), markup=False)
        try:
            async with asyncio.timeout(1):
                await stop.wait()
        except TimeoutError:
            continue
    err.print("draining …")
    return Exit.DONE


def worker(
    queues: Annotated[
        list[str] | None, typer.Option(help="Task queues, comma-separated or repeated; all when left out.")
    ] = None,
) -> None:
    """Run one worker against TEMPORAL_ADDRESS, or against the service of this BOOKWRIGHT_HOME."""

    async def work() -> Exit:
        names = [name for part in queues or [] for name in part.split(",") if name]
        unknown = [name for name in names if name not in {*Queue, *_SHORT}]
        if unknown:
            raise BadInput(f"queues: {', '.join(unknown)} is none of {', '.join(_SHORT)}", field="queues")
        chosen = [_SHORT.get(name, name) for name in names] or list(Queue)
        async with desk() as opened:
            await opened.service.attach()
            address = opened.service.address
        command = [sys.executable, "-m", "worker", "--address", address, "--queues", *chosen]
        os.execve(sys.executable, command, {**os.environ, **ONE_BLAS_THREAD})  # noqa: S606 - a command of ours, as a list

    run(work)


_SHORT = {queue.value.removeprefix("bookwright-"): queue.value for queue in Queue}


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Make the cheapest real call of each provider. This costs money.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is configured, what can be reached, and what is missing."""

    async def work() -> Exit:
        from bookwright.cli.checks import examine, price_of_trying  # all that providers need: only for this command

        settings = Settings.load()
        if online:
            calls, cost = await price_of_trying(settings)
            err.print(f"Making {calls} real calls, outside of all budgets; they cost up to ${to_usd(cost)} together.")
        checks = []
        async for check in examine(settings, online=online):
            checks.append(check)
            if not as_json:
                _print(check)
        if as_json:
            print_json([check._asdict() for check in checks])
        return Exit.DONE if all(check.ok for check in checks) else Exit.FAILED

    run(work, as_json=as_json)


def _print(check: "Check") -> None:
    mark = "[green]ok[/green]  " if check.ok else "[red]no[/red]  "
    out.print(f"{mark}{check.name:<14} {escape(check.detail)}")
