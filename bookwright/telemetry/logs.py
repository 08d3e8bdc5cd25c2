"""Logs: one line an event on standard error, as JSON, or coloured at a terminal.

Our own modules log with `get_logger(__name__).info("event", key=value)`; what libraries log with `logging` goes through
the same processors. Ids that are bound with `bound` are on every line within. Lines never hold the text of a book, a
key or a mail address.
"""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager
from traceback import extract_tb
from types import ModuleType, TracebackType
from typing import Any, cast

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from bookwright.contracts.errors import BookwrightError


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Within the block a package can't be imported, unless it has been before."""
    missing = cast(ModuleType, None)
    hide = name not in sys.modules
    if hide:
        sys.modules[name] = missing
    try:
        yield
    finally:
        if hide:
            del sys.modules[name]


with _hidden("rich"):  # structlog takes it where it finds it, for what we don't use: 5 MB of a worker's memory
    import structlog

OURS = ("api", "activities", "bookwright", "worker", "workflows")
"""The loggers that follow the level; libraries say nothing below INFO, where some show whole requests."""
EXTRA = (
    *("track", "pages", "spread", "error_type", "scenes", "soundscape", "soundscapes", "made_by", "done", "failed"),
    *("language", "cost_micros"),
)
"""What our own modules that log with `logging` may say of an event: numbers and names."""
QUIET = ("alembic", "httpx", "uvicorn")
"""Libraries that say at INFO what we say ourselves, or whole URLs."""
_SECRETS = re.compile(
    r"(?i:bearer|basic)\s+[\w.~+/=-]{8,}"  # an Authorization header
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # a mail address
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in a URL
    r"|(?i:(?<=key=)|(?<=token=)|(?<=signature=)|(?<=sig=))[^\s&\"']+"
)
Event = MutableMapping[str, Any]


def get_logger(name: str) -> Any:
    """The logger of a module; its methods take the event's name, and what belongs to it as keywords."""
    return structlog.stdlib.get_logger(name)


def bound(**ids: str | int | None) -> AbstractContextManager[None]:
    """Put ids on every line that is logged within the block, by this task and those that it starts."""
    return structlog.contextvars.bound_contextvars(**{name: value for name, value in ids.items() if value is not None})


def bind(**ids: str) -> None:
    """Put ids on every further line of this task."""
    structlog.contextvars.bind_contextvars(**ids)


def configure_logging(level: str) -> None:
    """Log at `level` (a name such as INFO) and above."""
    terminal = sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=EXTRA), *_ENRICH],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    wanted = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=max(wanted, logging.INFO), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(wanted, logging.WARNING))
    _take_from_temporal()
    sys.excepthook = _last_words


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process, as a line like any other."""
    logger = get_logger("bookwright")
    logger.critical("the process ends", exc_info=error.with_traceback(trace))


def _take_from_temporal() -> None:
    """What the SDK's core, which is no Python, has to say, instead of its own lines on standard error."""
    core = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    config = LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=core)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=config)), error_if_already_set=False)


def _what_was_raised(_logger: object, _method: str, event: Event) -> Event:
    """An exception as its type and where it was raised. What it says is shown of our own errors alone, which are
    written for people: others may quote whatever they stumbled over."""
    raised = event.pop("exc_info", None)
    if isinstance(raised, tuple):
        raised = raised[1]
    elif raised is True:
        raised = sys.exc_info()[1]
    chain: list[dict[str, Any]] = []
    while isinstance(raised, BaseException):
        shown: dict[str, Any] = {"type": type(raised).__name__}
        if isinstance(raised, BookwrightError):
            shown["message"] = str(raised)
        shown["frames"] = [f"{at.filename}:{at.lineno} {at.name}" for at in extract_tb(raised.__traceback__)]
        chain.append(shown)
        raised = raised.__cause__ or (None if raised.__suppress_context__ else raised.__context__)
    if chain:
        event["raised"] = chain  # structlog takes `exception` for a text of its own
    return event


def _without_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Blot out what looks like a key or a mail address, whoever logged it."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _SECRETS.sub("…", value)
    return event


_ENRICH: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _what_was_raised,
    _without_secrets,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_ENRICH,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
)
