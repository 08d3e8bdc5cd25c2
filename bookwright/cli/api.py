"""`api`: the HTTP API alone, as a process of a deployment."""

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer

from bookwright.cli.app import AsJson, Exit, print_json, run
from bookwright.cli.desk import desk
from bookwright.cli.running import PORT

CONNECTIONS = 10
"""To the database; requests beyond that wait their turn."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(api)


def api(
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 is all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.", envvar="BOOKWRIGHT_PORT")] = PORT,
    as_json: AsJson = False,
) -> None:
    """Serve the HTTP API and the web pages, and nothing else, until SIGTERM or Ctrl-C.

    Temporal and workers run elsewhere; while they are away, orders are accepted and wait."""

    async def work() -> Exit:
        from bookwright.cli.web import web_pages  # half a second that the other commands do without
        from bookwright.telemetry.logs import get_logger

        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with desk(connections=CONNECTIONS) as opened:
            async with web_pages(opened, host, port, metrics=True) as url:
                logger = get_logger("bookwright.api")
                if as_json:
                    print_json({"web": url, "pid": os.getpid()})
                    sys.stdout.flush()
                logger.info("ready", web=url)
                await stop.wait()
                logger.info("leaving")
        return Exit.DONE

    run(work, as_json=as_json)
