"""What the guarded client fetches, and from where it never does."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from bookwright.contracts.errors import BadAnswer, BookwrightError, Refused, UnsafeAddress
from bookwright.providers.guarded import Gone, GuardedClient, is_public
from tests.support.serving import served

PUBLIC = "93.184.215.14"
INNER = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "no address",
]


class Names:
    """A name server that gives each host's answers one after the other, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        given = self._answers.get(host)
        if given is None:
            raise OSError("unknown host")
        return given.pop(0) if len(given) > 1 else given[0]


class Wire(httpx.AsyncBaseTransport):
    """Records what would be sent where, and answers as told."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._answer(request)


def good(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "Audio/WAV; x=1"}, stream=httpx.ByteStream(b"RIFF"))


def to(location: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(302, headers={"location": location}) if _first(request) else good(request)


def _first(request: httpx.Request) -> bool:
    return request.url.path == "/start"


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700::1111", f"::ffff:{PUBLIC}", "64:ff9b::5db8:d70e"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "0x7f000001", "2130706433", "127.1", "[::ffff:10.0.0.1]", "169.254.169.254", "0"]
)
async def test_inner_addresses_are_refused_however_they_are_written(host: str) -> None:
    wire = Wire(good)
    async with GuardedClient(transport=wire) as client:  # asks the system's own resolver
        with pytest.raises(UnsafeAddress):
            await client.fetch(f"http://{host}/latest/meta-data")
    assert wire.sent == [], "no socket is opened"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://files.example:21/a",
        "gopher://files.example",
        "data:text/plain,hello",
        "//files.example/a",
        "/a",
        "",
        "http://",
        "http:///a",
        "http://me:secret@files.example/a",
        "http://files.example:99999999/a",
        "http://[::1/a",
        "https://files.example/" + "a" * 9_000,
    ],
)
async def test_only_plain_addresses_of_the_web_are_fetched_from(url: str) -> None:
    names, wire = Names(files_example=[[PUBLIC]]), Wire(good)
    with pytest.raises(UnsafeAddress) as refusal:
        await GuardedClient(resolve=names, transport=wire).fetch(url)
    assert names.asked == [] and wire.sent == [] and "secret" not in str(refusal.value)


async def test_the_connection_goes_to_the_address_that_was_checked_and_carries_nothing_of_ours() -> None:
    names, wire = Names(files_example=[[PUBLIC], ["127.0.0.1"]]), Wire(good)
    fetched = await GuardedClient(resolve=names, transport=wire).fetch("https://files.example:8443/a?b=1")
    assert (fetched.content, fetched.media_type) == (b"RIFF", "audio/wav")
    [request] = wire.sent
    assert str(request.url) == f"https://{PUBLIC}:8443/a?b=1"
    assert request.headers["host"] == "files.example:8443"
    assert request.extensions["sni_hostname"] == "files.example", "its certificate must be that of the name"
    assert set(request.headers) == {"host", "accept", "accept-encoding"}
    assert names.asked == ["files.example"], "asked once: a second answer would be another one"


async def test_a_name_that_leads_inside_next_time_is_refused_then() -> None:
    names, wire = Names(files_example=[[PUBLIC], ["127.0.0.1"]]), Wire(good)
    client = GuardedClient(resolve=names, transport=wire)
    await client.fetch("http://files.example/a")
    with pytest.raises(UnsafeAddress):
        await client.fetch("http://files.example/a")
    assert len(wire.sent) == 1


async def test_a_name_with_any_inner_address_is_refused() -> None:
    wire = Wire(good)
    with pytest.raises(UnsafeAddress):
        await GuardedClient(resolve=Names(files_example=[[PUBLIC, "::1"]]), transport=wire).fetch(
            "http://files.example"
        )
    assert wire.sent == []


@pytest.mark.parametrize(
    "location",
    [
        "http://inner.example/",
        "//inner.example/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "http://files.example/rebound",
    ],
)
async def test_redirects_are_checked_as_the_first_address_is(location: str) -> None:
    host = httpx.URL(location).host
    names = Names(files_example=[[PUBLIC], ["10.0.0.1"]], inner_example=[["192.168.0.1"]])
    if host and host not in ("files.example", "inner.example"):
        names._answers[host] = [["127.0.0.1" if host == "0x7f000001" else host]]
    wire = Wire(to(location))
    with pytest.raises(UnsafeAddress):
        await GuardedClient(resolve=names, transport=wire).fetch("http://files.example/start")
    assert [request.url.host for request in wire.sent] == [PUBLIC]


async def test_a_redirect_is_followed_to_another_public_host() -> None:
    names = Names(files_example=[[PUBLIC]], other_example=[["1.1.1.1"]])
    wire = Wire(to("https://other.example/b"))
    assert (await GuardedClient(resolve=names, transport=wire).fetch("http://files.example/start")).content == b"RIFF"
    assert [str(request.url) for request in wire.sent] == [f"http://{PUBLIC}/start", "https://1.1.1.1/b"]


async def test_redirects_without_end_are_given_up() -> None:
    wire = Wire(lambda request: httpx.Response(302, headers={"location": "/start"}))
    with pytest.raises(BadAnswer, match="redirects"):
        await GuardedClient(resolve=Names(files_example=[[PUBLIC]]), transport=wire).fetch("http://files.example/start")
    assert len(wire.sent) == 6


@asynccontextmanager
async def served_here(endpoint: Callable[[Request], Awaitable[Response]]) -> AsyncIterator[str]:
    async with served(Starlette(routes=[Route("/{path:path}", endpoint)])) as address:
        yield address


async def failure(client: GuardedClient, url: str) -> BookwrightError:
    async with client:
        with pytest.raises(BookwrightError) as caught:
            await client.fetch(url)
    return caught.value


async def test_an_origin_that_is_allowed_is_fetched_from_and_no_other_of_the_same_machine() -> None:
    seen: list[Request] = []

    async def endpoint(request: Request) -> Response:
        seen.append(request)
        if request.url.path == "/away":
            return RedirectResponse(f"http://127.0.0.1:{other}/")
        answer = Response(b"\x89PNG", media_type="image/png")
        answer.set_cookie("tracked", "yes")
        return answer

    async with served_here(endpoint) as address, served_here(endpoint) as second:
        other = httpx.URL(second).port
        async with GuardedClient(allowed=[address]) as client:
            for _ in range(2):
                fetched = await client.fetch(f"{address}/a")
                assert (fetched.content, fetched.media_type) == (b"\x89PNG", "image/png")
            for unsafe in (f"{second}/a", f"{address}/away"):
                with pytest.raises(UnsafeAddress):
                    await client.fetch(unsafe)
        assert isinstance(await failure(GuardedClient(), f"{address}/a"), UnsafeAddress)
    assert [request.url.path for request in seen] == ["/a", "/a", "/away"]
    assert all("cookie" not in request.headers and "authorization" not in request.headers for request in seen)


async def test_what_is_too_large_is_not_read_to_its_end() -> None:
    ended = asyncio.Event()

    async def endpoint(request: Request) -> Response:
        if request.url.path == "/announced":
            return Response(b"a" * 5_000)

        async def without_end() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"a" * 1_000
                    await asyncio.sleep(0)
            finally:
                ended.set()

        return StreamingResponse(without_end())

    async with served_here(endpoint) as address:
        for path in ("announced", "streamed"):
            error = await failure(GuardedClient(allowed=[address], max_bytes=4_000), f"{address}/{path}")
            assert isinstance(error, BadAnswer) and "4000 bytes" in str(error)
        await ended.wait()


async def test_what_does_not_come_in_time_is_given_up() -> None:
    async def endpoint(request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with served_here(endpoint) as address:
        assert isinstance(await failure(GuardedClient(allowed=[address], deadline_s=0.05), f"{address}/a"), Refused)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, Gone), (410, Gone), (403, Gone), (500, Refused), (503, Refused), (204, Refused)]
)
async def test_what_is_not_there_is_told_from_what_may_come_back(status: int, kind: type[BookwrightError]) -> None:
    wire = Wire(lambda request: httpx.Response(status))
    client = GuardedClient(resolve=Names(a_example=[[PUBLIC]]), transport=wire)
    assert type(await failure(client, "http://a.example")) is kind


async def test_packed_bytes_that_were_not_asked_for_are_refused() -> None:
    wire = Wire(lambda request: httpx.Response(200, headers={"content-encoding": "gzip"}, content=b""))
    error = await failure(GuardedClient(resolve=Names(a_example=[[PUBLIC]]), transport=wire), "http://a.example")
    assert isinstance(error, BadAnswer)


async def test_a_host_that_is_not_known_or_not_there_may_come_back() -> None:
    assert isinstance(await failure(GuardedClient(resolve=Names()), "http://nowhere.example"), Refused)
    async with served_here(lambda request: asyncio.sleep(0, Response())) as address:
        pass
    assert isinstance(await failure(GuardedClient(allowed=[address]), address), Refused)
