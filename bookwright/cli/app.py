"""The `bookwright` command: its exit codes and how errors are shown. The commands are in the modules beside this."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from bookwright.contracts.errors import BadInput, BookwrightError, Misconfigured

T = TypeVar("T")

app = typer.Typer(
    name="bookwright",
    help="Make books durably: a text goes in, a narrated book comes out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    """Finished, but with parts missing, or made by a stand-in."""


def run(work: Callable[[], Awaitable[Exit]], *, as_json: bool = False) -> None:
    """Run a command to its exit code, with every expected error as one line that says what to do."""
    try:
        code = _loop(work())
    except (BadInput, Misconfigured) as error:
        _complain(error, as_json, Exit.USAGE)
    except BookwrightError as error:
        _complain(error, as_json, Exit.FAILED)
    except KeyboardInterrupt:
        err.print("interrupted; what was made is kept, and the same command goes on with it")
        raise typer.Exit(130) from None
    else:
        raise typer.Exit(code)


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _loop(work: Awaitable[Exit]) -> Exit:
    factory = None
    with suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop

    async def awaited() -> Exit:
        return await work

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(awaited())


def _complain(error: BookwrightError, as_json: bool, code: Exit) -> None:
    field = getattr(error, "field", None)
    if as_json:
        print_json({"error": type(error).__name__, "field": field, "message": str(error)})
    else:
        err.print(f"[red]error[/red] {escape(str(error))}")
    raise typer.Exit(code) from None
