"""A process beside this one that does what computes for long, can't be stopped, or must not be loaded in here.

It runs one of the `…_server` modules and answers requests one after the other over its standard input and output: each
is 4 bytes of length (big endian) and so many bytes. `answering` is the other end.
"""

import asyncio
import json
import struct
from collections.abc import Sequence
from typing import Any

from bookwright.contracts.errors import BadAnswer, Refused
from bookwright.contracts.ports.calls import Turn

_MAX_ANSWER = 1 << 30


class Child:
    """Started with the first request, for one event loop. Call `close` in the end; a killed process takes its child
    along. `name` is what errors call it."""

    def __init__(self, name: str, command: Sequence[str], deadline_s: float) -> None:
        self.name = name
        self._command = tuple(command)
        self._deadline_s = deadline_s
        self._one_at_a_time = asyncio.Lock()
        self.process: asyncio.subprocess.Process | None = None
        """The one that runs; None when none was started or it was stopped."""

    async def ask(self, request: dict[str, Any], turn: Turn) -> tuple[dict[str, Any], bytes]:
        """The answer: what it says, and the bytes that come with it. Raises what entering the turn raises, and Refused
        when the process ended or the deadline passed. Whoever gives up stops the process: what it would say later
        belongs to no call."""
        try:
            async with self._one_at_a_time, turn, asyncio.timeout(self._deadline_s):
                answer = await self._exchange(json.dumps(request).encode())
        except TimeoutError:
            raise Refused(f"{self.name} did not answer within {self._deadline_s:g} s") from None
        except (OSError, EOFError):
            raise Refused(f"the process of {self.name} ended in the middle of a call") from None
        try:
            (size,) = struct.unpack(">I", answer[:4])
            said: dict[str, Any] = json.loads(answer[4 : 4 + size])
            return said, answer[4 + size :]
        except (ValueError, struct.error):
            raise BadAnswer(f"{self.name}'s answer can't be read") from None

    async def close(self) -> None:
        """Stop the process. The next request starts a new one."""
        process, self.process = self.process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    async def _exchange(self, request: bytes) -> bytes:
        try:
            if self.process is not None and self.process.returncode is not None:
                await self.close()  # it died while it had nothing to do
            if self.process is None:
                pipe = asyncio.subprocess.PIPE
                self.process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe)
            source, sink = self.process.stdout, self.process.stdin
            assert source is not None and sink is not None
            sink.write(struct.pack(">I", len(request)) + request)
            await sink.drain()
            (size,) = struct.unpack(">I", await source.readexactly(4))
            if size > _MAX_ANSWER:
                raise EOFError
            return await source.readexactly(size)
        except BaseException:
            await self.close()
            raise
