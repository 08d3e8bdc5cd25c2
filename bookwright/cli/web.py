"""The web pages, served for as long as a command runs."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn

from api.app import LOOPBACK, create_app
from api.deps import Backend
from api.sounds import RenderedSounds
from bookwright.cli.desk import Desk
from bookwright.contracts.errors import BadInput
from bookwright.contracts.ports.speech import SpeechEngine
from bookwright.link import TemporalLink
from bookwright.press.cover import Cover
from bookwright.press.pagesound import WavSound
from bookwright.press.reading.documents import Documents
from bookwright.providers.speech import speech_engine
from bookwright.store import LedgerStore
from bookwright.store.shelf import Shelf

CONNECT_S = 2.0
"""How long a request waits for a Temporal that does not answer."""


class _Server(uvicorn.Server):
    """Leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def web_pages(desk: Desk, host: str, port: int) -> AsyncIterator[str]:
    """Serve the pages inside the block; gives their address. Port 0 takes a free one. Raises BadInput for a host or
    port that can't be had."""
    listening = _listen(host, port)
    async with speech_engine(desk.settings) as engine:
        app = create_app(_backend(desk, engine), hosts=[*LOOPBACK, host] if host != "0.0.0.0" else ["*"])
        server = _Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host
            yield f"http://{shown}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await serving
            listening.close()


def _backend(desk: Desk, engine: SpeechEngine) -> Backend:
    return Backend(
        database=desk.database,
        shelf=Shelf(desk.database),
        books=desk.books,
        jobs=desk.jobs,
        ledger=LedgerStore(desk.database, desk.assets),
        assets=desk.assets,
        sounds=RenderedSounds(WavSound(), desk.assets, desk.settings.home / "cache" / "sounds"),
        artist=Cover(),
        engine=engine,
        documents=Documents(),
        temporal=TemporalLink(lambda: desk.service.attach(CONNECT_S)),
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except socket.gaierror:
        raise BadInput(f"host: there is no {host!r} to listen at", field="host") from None
    except OSError as error:
        raise BadInput(
            f"port: {port} can't be had ({error.strerror}): name another with --port", field="port"
        ) from None
    return listening
