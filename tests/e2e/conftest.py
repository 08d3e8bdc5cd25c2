"""One emulator for all tests of a test process; everything else of a stack is a test's own."""

from collections.abc import Iterator

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
