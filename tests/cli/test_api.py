"""`bookwright api`: the API as a process of a deployment."""

import asyncio
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from bookwright.temporal import free_port
from tests.cli.conftest import BOOKWRIGHT, MOST_S, Home, Refusing

AWAY = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}


@contextmanager
def api(home: Home, log: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process and its address, once it listens."""
    command = [str(BOOKWRIGHT), "api", "--port", "0", "--json"]
    with log.open("wb") as err:
        process = subprocess.Popen(
            command, env=home.environment(**AWAY, **environment), stdout=subprocess.PIPE, stderr=err
        )
    assert process.stdout is not None
    try:
        said = b""
        while not said.endswith(b"}\n"):
            line = process.stdout.readline()
            assert line, log.read_text()
            said += line
        yield process, json.loads(said)["web"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def asked(url: str) -> tuple[int, bytes]:
    """Status and body of an answer."""
    try:
        with urlopen(url, timeout=MOST_S) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


async def test_it_hosts_nothing_answers_without_temporal_and_leaves_on_sigterm(tmp_path: Path) -> None:
    home, port = Home(tmp_path / "home"), free_port()
    with api(home, tmp_path / "log", BOOKWRIGHT_METRICS_PORT=str(port)) as (process, url):
        assert await asyncio.to_thread(asked, f"{url}/healthz") == (200, b'{"status":"ok"}')
        status, body = await asyncio.to_thread(asked, f"{url}/readyz")
        assert (status, json.loads(body)["missing"]) == (503, ["temporal"])
        status, body = await asyncio.to_thread(asked, f"http://127.0.0.1:{port}/metrics")
        assert status == 200 and b"bookwright_store_up 1.0" in body
        assert (await asyncio.to_thread(asked, f"{url}/metrics"))[0] == 401
        assert not (home.folder / "run" / "worker.log").exists() and not (home.folder / "temporal").exists()
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, MOST_S) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines if line["logger"] == "bookwright.api"] == ["ready", "leaving"]


def test_a_port_that_is_taken_is_refused_by_name(refusing: Refusing) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refusing.answer("api", "--port", str(port))["field"] == "port"
        code, _, err = refusing.run("api", "--port", "0", BOOKWRIGHT_METRICS_PORT=str(port))
        assert code == 2 and "BOOKWRIGHT_METRICS_PORT" in err.splitlines()[-1]
