"""One emulator for all tests of a test process, and a small disk; everything else of a stack is a test's own."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.emulator import EmulatorProcess
from tests.support.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def emulator() -> Iterator[EmulatorProcess]:
    with EmulatorProcess("sarvam") as process:
        yield process


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 MiB as the home's assets folder; work that costs money wants 64 MiB free."""
    folder = tmp_path / "home" / "assets"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.call(command, stderr=subprocess.DEVNULL):
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.check_call(["umount", "--lazy", str(folder)])


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all the room but `leave` bytes."""
    path = folder / "filler"
    block = b"\0" * 65_536
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize > leave:
            file.write(block)
    return path
