"""One connection over HTTP/1.1, against a server that says what each test has it say, byte for byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bookwright.contracts.errors import AnswerLost, BookwrightError, NotSent
from bookwright.providers import connection
from bookwright.providers.errors import from_failure
from bookwright.providers.http import make_client, watched

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers the requests of each connection with the next of `says`, and hangs up when there is none left."""

    def __init__(self, *says: bytes) -> None:
        self.says = list(says)
        self.opened = 0
        self.asked: list[bytes] = []
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while self.says and (head := await reader.readuntil(b"\r\n\r\n")):
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
                )
                self.asked.append(head + await reader.readexactly(length))
                writer.write(self.says.pop(0))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.gone.set()


@asynccontextmanager
async def asking(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[httpx.AsyncClient]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    client = make_client(deadline_s=10, connections=2)
    client.base_url = httpx.URL(f"http{'s' if tls else ''}://127.0.0.1:{port}")
    async with listening, client:
        yield client


async def failure(client: httpx.AsyncClient) -> BookwrightError:
    """What a call that broke comes to."""
    with watched(nullcontext()) as exchange:
        with pytest.raises(httpx.TransportError) as error:
            await client.post("/", content=b"a page")
        return from_failure("sarvam", error.value, exchange)


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nover\r\n5\r\n the \r\n0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nover the ", False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nover the ", True),
        (b"HTTP/1.0 200 OK\r\n\r\nover the ", False),
    ],
    ids=["chunked", "closed after it", "hints first", "no length"],
)
async def test_an_answer_is_read_however_its_length_is_told(said: bytes, again: bool) -> None:
    server = Server(said, OK) if again else Server(said)
    async with asking(server) as client:
        assert (await client.get("/")).text == "over the "
        server.says = [OK]
        assert (await client.get("/")).text == "ok"
    assert server.opened == (1 if again else 2)


async def test_what_is_asked_arrives_as_it_was_sent() -> None:
    server, body = Server(OK), bytes(range(256)) * 8_000
    async with asking(server) as client:
        await client.put("/a%20b?c=d", content=body, headers={"X-Name": "value"})
    head, _, arrived = server.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /a%20b?c=d HTTP/1.1\r\n") and b"X-Name: value" in head
    assert arrived == body


@pytest.mark.parametrize(
    "said",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nover", b"HTTP/1.1 200 OK\r\nContent-Le", b"", b"nonsense\r\n\r\n"],
    ids=["body", "head", "nothing", "nonsense"],
)
async def test_an_answer_that_breaks_off_may_have_been_paid_for(said: bytes) -> None:
    async with asking(Server(said)) as client:
        assert type(await failure(client)) is AnswerLost


async def test_a_connection_that_the_server_has_closed_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server, made = Server(OK), []

    async def connect(origin: connection.Origin, patience_s: float | None) -> connection.Connection:
        made.append(await connection.connect(origin, patience_s))
        return made[-1]

    monkeypatch.setattr("bookwright.providers.http.connect", connect)
    async with asking(server) as client, asyncio.timeout(10):
        await client.get("/")
        while made[0].usable:  # noqa: ASYNC110 - until the news arrives
            await asyncio.sleep(0)
        server.says = [OK]
        assert (await client.get("/")).text == "ok"
    assert server.opened == 2


async def test_an_answer_that_nobody_asked_for_is_never_taken_for_one() -> None:
    server = Server(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
    async with asking(server) as client:
        assert (await client.get("/")).text == "ok"
        server.says = [OK]
        assert (await client.get("/")).text == "ok"
    assert server.opened == 2


async def test_an_answer_that_is_read_slowly_waits_on_the_network() -> None:
    size = 32 * 1024 * 1024
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
    async with asking(server) as client, client.stream("GET", "/") as answer:
        parts = answer.aiter_raw()
        received = len(await anext(parts))
        assert not server.gone.is_set(), "the server still has most of it"
        async for part in parts:
            received += len(part)
    assert received == size


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    server = Server(OK)
    async with asking(server, _certified(tmp_path)) as client:
        assert type(await failure(client)) is NotSent
    assert server.asked == []


async def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server, tls = Server(OK, OK), _certified(tmp_path)
    monkeypatch.setattr(
        connection, "_tls", lambda: ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    )
    async with asking(server, tls) as client:
        assert [(await client.get("/")).text for _ in range(2)] == ["ok", "ok"]
    assert server.opened == 1


def _certified(folder: Path) -> ssl.SSLContext:
    """A server's context with a certificate for 127.0.0.1 that it has signed itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
