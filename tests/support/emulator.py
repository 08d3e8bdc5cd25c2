"""An emulator as a process of its own, for tests and benchmarks. Every wait is for an event, none is a sleep."""

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
KEY = "emulated-key"
"""The key that an emulator accepts unless told otherwise."""
START_S = 120.0
PATIENCE_S = 120.0
"""How long a count is waited for. It comes in a moment, but on a slow machine that may be a long one."""


class EmulatorProcess:
    """`python -m emulators <provider>` on a free port. It ends with `stop()`, and also when this process dies."""

    def __init__(
        self,
        provider: str = "sarvam",
        *,
        latency_ms: int = 0,
        concurrency_cap: int | None = None,
        port: int = 0,
        key: str = KEY,
    ) -> None:
        self._command = [
            *(sys.executable, "-m", "emulators", provider, "--until-stdin-closes"),
            *("--port", str(port), "--latency-ms", str(latency_ms), "--key", key),
            *(() if concurrency_cap is None else ("--concurrency-cap", str(concurrency_cap))),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self.key = key
        self.url = ""

    def start(self) -> Self:
        """Start it and wait until it listens; `url` and `pid` are known then. Raises RuntimeError if it does not."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None
        )
        out = self._process.stdout
        assert out is not None
        ready, _, _ = select.select([out], [], [], START_S)
        line = out.readline() if ready else b""
        if not line:
            self.stop()
            raise RuntimeError("the emulator did not start; its own output says why")
        self.url = json.loads(line)["url"]
        return self

    @property
    def pid(self) -> int:
        """The process id of the running emulator."""
        assert self._process is not None, "not started"
        return self._process.pid

    def stop(self) -> None:
        """End it by its pid and wait for that. Harmless when it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def calls(self) -> dict[str, Any]:
        """The counts: `received`, `answered`, `charged`, `failed`, `disconnected`, `held`, `in_flight`,
        `max_in_flight`, `statuses`, `texts` (calls received per text), `answered_texts`."""
        return await asyncio.to_thread(self.control, "GET", "calls")

    async def reset(self) -> None:
        """Counts to 0, knobs as at the start, nothing held."""
        await asyncio.to_thread(self.reset_now)

    async def knobs(self, **changes: Any) -> dict[str, Any]:
        """Change some knobs (`latency_ms`, `concurrency_cap`, `gate`, `faults`, `key`); the answer is all of them."""
        return await asyncio.to_thread(self.control, "PUT", "knobs", body=changes)

    async def wait_calls(self, calls: int, *, of: str = "received", timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """Wait until a counter has reached a number; the answer is the counts. Raises TimeoutError."""
        return await asyncio.to_thread(self.wait_calls_now, calls, of=of, timeout_s=timeout_s)

    async def release(self, calls: int | None = None) -> int:
        """Let all held calls go and open the gate, or only so many and keep it. The answer is how many went."""
        query = {} if calls is None else {"calls": calls}
        released: int = (await asyncio.to_thread(self.control, "POST", "release", query=query))["released"]
        return released

    def reset_now(self) -> None:
        """`reset` for code without an event loop."""
        self.control("POST", "reset")

    def wait_calls_now(self, calls: int, *, of: str = "received", timeout_s: float = PATIENCE_S) -> dict[str, Any]:
        """`wait_calls` for code without an event loop."""
        query = {"calls": calls, "of": of, "timeout_s": timeout_s}
        return self.control("GET", "wait", query=query, timeout_s=timeout_s + 10)

    def control(
        self,
        method: str,
        name: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout_s: float = 30,
    ) -> dict[str, Any]:
        """One request to a control endpoint, for code without an event loop. Raises TimeoutError on 504."""
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
        try:
            path = f"/_emulator/{name}" + (f"?{urlencode(query)}" if query else "")
            connection.request(method, path, None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status == 504:
            raise TimeoutError(f"the emulator waited in vain; its counts: {answer}")
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {answer}")
        return answer
