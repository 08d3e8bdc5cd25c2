"""Asking at addresses that others name: for outputs of providers and pictures of users, and telling users' webhooks.

Only http and https; the host is resolved once for each hop and the connection goes to the very address that was
checked, so that no second answer of a name server counts; addresses of this machine, its network and its cloud are
refused, at each redirect anew; size, time and redirects are bounded; nothing of ours is sent along: no key, no cookie.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import httpx

from bookwright.contracts.errors import BadAnswer, Permanent, Refused, UnsafeAddress
from bookwright.providers.connected import Closing
from bookwright.providers.http import make_transport

MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_URL = 8_192
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({401, 403, 404, 410})
_PORTS = {"http": 80, "https": 443}
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host; raises OSError when it has none."""


class Gone(Permanent):
    """There is nothing at the address, or nothing any more."""


@dataclass(frozen=True)
class Fetched:
    """What was at an address."""

    content: bytes = field(repr=False)
    media_type: str
    """As the server says, in lower case and without parameters; empty when it says nothing. Not to be believed."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, which also takes what only looks like a name (`0x7f000001`, `127.1`)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class GuardedClient(Closing):
    """Fetches. `allowed` are origins (`http://127.0.0.1:8123`) whose addresses are not checked: those of emulators and
    of servers of the operator's own. Only the composition root may name any."""

    def __init__(
        self,
        *,
        allowed: Collection[str] = (),
        max_bytes: int = MAX_BYTES,
        deadline_s: float = 60,
        connections: int = 8,
        resolve: Resolve = resolve,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`deadline_s` is for a whole fetch, redirects included."""
        self._allowed = frozenset(_origin(httpx.URL(origin)) for origin in allowed)
        self._max_bytes = max_bytes
        self._deadline_s = deadline_s
        self._resolve = resolve
        # No connection is used again: it could be one that was made for another name at the same address.
        self._transport = transport or make_transport(connections=connections, kept=0, max_answer_bytes=max_bytes)

    async def fetch(self, url: str) -> Fetched:
        """What is at an address. Raises UnsafeAddress, Gone, BadAnswer for too many bytes or redirects, and Refused
        when it may be had at another time."""
        try:
            async with asyncio.timeout(self._deadline_s):
                target = _parsed(url)
                for _ in range(MAX_REDIRECTS + 1):
                    found = await self._hop(target)
                    if isinstance(found, Fetched):
                        return found
                    target = found
                raise BadAnswer(f"there are more than {MAX_REDIRECTS} redirects")
        except TimeoutError:
            raise Refused(f"what was to be fetched did not come within {self._deadline_s:g} s") from None
        except httpx.HTTPError as error:
            raise Refused(f"what was to be fetched did not come ({type(error).__name__})") from None

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Send bytes; the answer's status and headers, for its body is not read. Redirects are not followed. Raises
        UnsafeAddress before anything is sent, TimeoutError, httpx.HTTPError, and Refused when the host is unknown."""
        async with asyncio.timeout(self._deadline_s):
            target = _parsed(url)
            response = await self._ask("POST", target, await self._address(target), dict(headers), content)
            await response.aclose()
            return response

    async def check(self, url: str) -> None:
        """Raise UnsafeAddress for what `post` would refuse now. A host that nobody knows yet is none of these."""
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._address(_parsed(url))
        except (Refused, TimeoutError):
            pass

    async def _hop(self, target: httpx.URL) -> Fetched | httpx.URL:
        """What is there, or where else it is."""
        response = await self._ask("GET", target, await self._address(target))
        try:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return _parsed(str(target.join(response.headers["location"])))
            if response.status_code in _GONE:
                raise Gone(f"what was to be fetched is not there (status {response.status_code})")
            if response.status_code != 200:
                raise Refused(f"what was to be fetched is not to be had now (status {response.status_code})")
            return Fetched(await self._body(response), _media_type(response.headers.get("content-type", "")))
        finally:
            await response.aclose()

    async def _ask(
        self,
        method: str,
        target: httpx.URL,
        address: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        content: bytes | None = None,
    ) -> httpx.Response:
        """Make one request to this very address."""
        own = {"host": target.netloc.decode(), "accept": "*/*", "accept-encoding": "identity"}
        request = httpx.Request(
            method,
            target.copy_with(host=address),
            headers={**headers, **own},
            content=content,
            extensions={"sni_hostname": target.host, "timeout": httpx.Timeout(self._deadline_s).as_dict()},
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    async def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise BadAnswer("what was to be fetched is packed, which was not asked for")
        declared = response.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared) > self._max_bytes:
            raise BadAnswer(f"what was to be fetched is larger than {self._max_bytes} bytes")
        parts, received = [], 0
        async for part in response.aiter_raw():
            received += len(part)
            if received > self._max_bytes:
                raise BadAnswer(f"what was to be fetched is larger than {self._max_bytes} bytes")
            parts.append(part)
        return b"".join(parts)

    async def _address(self, target: httpx.URL) -> str:
        """The one address to connect to. Raises UnsafeAddress when the host has any that is not public."""
        try:
            found = await self._resolve(target.host, target.port or _PORTS[target.scheme])
        except (OSError, UnicodeError):
            raise Refused("the host is not known") from None
        if not found:
            raise Refused("the host has no address")
        if _origin(target) not in self._allowed and not all(is_public(address) for address in found):
            raise UnsafeAddress("the address is one of this machine or its network")
        return found[0]

    async def close(self) -> None:
        """Close what is open."""
        await self._transport.aclose()


def check_address(url: str) -> None:
    """Raise UnsafeAddress for a URL that nothing will be fetched from, as far as can be told without asking anybody:
    not one of the web, or of this machine or its network by its address, however that is written, or by its name."""
    host = _parsed(url).host.rstrip(".").lower()
    address = _literal(host)
    local = "." not in host or host.endswith(_LOCAL_NAMES) if address is None else not is_public(address)
    if local:
        raise UnsafeAddress("nothing is fetched from this machine or its network: name a picture on the open web")


def _literal(host: str) -> str | None:
    """The IP address that a host is, in any of the ways that resolvers take (`0x7f000001`, `127.1`); None of a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if _NUMERIC.fullmatch(host) else None
    except OSError:
        return "0.0.0.0"  # numbers that are no address are no name either  # noqa: S104 - compared, not bound


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when another one is hidden inside it."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if hidden is None and ip in _NAT64:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if hidden is not None:
            return is_public(str(hidden))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _parsed(url: str) -> httpx.URL:
    """An absolute http(s) URL. Raises UnsafeAddress for anything else, and for one with a name or password in it."""
    try:
        parsed = httpx.URL(url) if len(url) <= MAX_URL else httpx.URL("")
    except (httpx.InvalidURL, ValueError, TypeError):
        parsed = httpx.URL("")
    port = parsed.port or _PORTS.get(parsed.scheme, 0)
    if parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo or not 0 < port < 65_536:
        raise UnsafeAddress("only plain http and https addresses are asked, without a name and a password in them")
    return parsed


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()
