"""The `curl` commands of README.md, run word for word, from a document to its finished editions; and an upload in which
the service is killed."""

import re
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import BOOKWRIGHT, MOST_S, Home
from tests.cli.test_keys import served
from tests.support.emulator import ROOT

SECTION = (ROOT / "README.md").read_text().split("### Order a book with curl\n")[1].split("\n### ")[0]
BLOCK = "".join(re.findall(r"^```\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE))
SHOWN = re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*\n)((?:(?!\$ )[^\n]*\n)*)", BLOCK, re.MULTILINE)
"""Each command, and what README.md shows for it."""
PLACE = "localhost:8080"


def fields(answer: str) -> list[str]:
    """The names in an answer, as far as README.md shows it."""
    return re.findall(r'"(\w+)":', answer.partition("…")[0])


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_curl_takes_a_document_to_its_finished_editions(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (tmp_path / "otter.md").write_text(dict(SHOWN)["cat otter.md\n"])
    with served(home) as service:
        place = service["web"].removeprefix("http://")
        environment = home.environment(KEY=service["key"])
        for command, shown in SHOWN:
            if command.startswith("export KEY="):
                continue
            ended = subprocess.run(
                command.replace(PLACE, place),
                shell=True,
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                timeout=MOST_S,
            )
            assert ended.returncode == 0, command
            assert "Unauthorized" not in ended.stdout and '"FAIL"' not in ended.stdout
            assert fields(ended.stdout)[: len(fields(shown))] == fields(shown), command
            assert "/events" not in command or '"state":"done"' in ended.stdout
    assert zipfile.is_zipfile(tmp_path / "otter.epub")
    with zipfile.ZipFile(tmp_path / "otter.zip") as chapters:
        assert chapters.namelist() == ["01 The River.mp3", "02 The Sea.mp3"] and chapters.testzip() is None
    assert (tmp_path / "otter.m4b").read_bytes()[4:8] == b"ftyp"


UPLOAD = "/api/books/upload/"
TEXT = b"# The River\n\nAn otter found a lamp.\n"
ASKING = {"Idempotency-Key": "once", "Prefer": "respond-async"}


@contextmanager
def api_alone(home: Home) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of `bookwright api`, and its process, which is killed in the end."""
    command: list[str | Path] = [BOOKWRIGHT, "api", "--port", "0", "--json"]
    with subprocess.Popen(
        command, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r'"web": "http://localhost:(\d+)"', "".join(line.decode() for line in _upto(process)))
            assert found
            yield f"http://127.0.0.1:{found[1]}", process
        finally:
            process.kill()


def _upto(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if line == b"}\n":
            return


def test_a_service_killed_in_an_upload_leaves_no_half_book_and_takes_the_same_request(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    key = home.json("keys", "create", "curl")["key"]
    headers = {"Authorization": f"Bearer {key}", **ASKING}
    form = httpx.Request("POST", f"http://localhost{UPLOAD}", files={"file": ("otter.md", TEXT)}, headers=headers)
    body = form.read()
    scratch = home.folder / "assets" / "scratch"
    with api_alone(home) as (url, process), socket.create_connection(("127.0.0.1", int(url[17:]))) as connection:
        lines = [f"POST {UPLOAD} HTTP/1.1", *(f"{name}: {value}" for name, value in form.headers.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode() + body[:-20])
        while not list(scratch.iterdir()):
            assert process.poll() is None
        process.kill()
        process.wait()
    assert home.rows("jobs") == home.rows("books") == home.rows("assets") == 0
    with api_alone(home) as (url, _):
        about = {"content": body, "headers": {**headers, "Content-Type": form.headers["Content-Type"]}}
        first, again = [httpx.post(url + UPLOAD, timeout=MOST_S, **about) for _ in range(2)]  # type: ignore[arg-type]
    assert (first.status_code, again.status_code, again.content) == (202, 202, first.content)
    assert home.rows("jobs") == home.rows("books") == home.rows("assets") == 1
