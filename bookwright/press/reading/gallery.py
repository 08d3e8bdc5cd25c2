"""Running the process that draws pages: one for a document, begun at once."""

import base64
import json
import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from bookwright.contracts.errors import Permanent
from bookwright.contracts.pagereading import LAYER_LIMIT, PagePicture
from bookwright.press.bounded.starting import Starter
from bookwright.press.reading.process import CHILD

_LIMITS = {"memory_bytes": 1 << 30, "cpu_seconds": 600}
"""Of all pages that one process draws."""
_PAGE_S = 60.0
_CHUNK = 1 << 16
_LONGEST = 64 << 20


class Gallery:
    """Draws pages of one document, one at a time; whoever comes meanwhile waits. A page that ends the process is the
    only one that is lost: the next one gets another process."""

    def __init__(self, path: Path, starter: Starter | None = None) -> None:
        self._path = path
        self._starter = starter or Starter(CHILD)
        self._lock = Lock()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._started()

    def picture(self, page: int, px: int) -> PagePicture:
        """The page's picture, its longest side `px` pixels. Blocking, some tenths of a second. Raises Permanent when
        the page can't be drawn."""
        with self._lock:
            if self._closed:
                raise Permanent("the pages are not drawn any more")
            found = self._asked(page, px)
        if found is None:
            raise Permanent("the page can't be drawn: it is damaged, or needs more than drawing may use")
        return PagePicture.model_validate(found | {"data": base64.b64decode(found["data"])})

    def close(self) -> None:
        """End the process; whoever waits for a page gets an error."""
        self._closed = True
        self._end()

    def _asked(self, page: int, px: int) -> dict[str, Any] | None:
        process = self._process or self._started()
        try:
            line = self._answer(process, json.dumps({"page": page, "px": px}).encode() + b"\n")
            found: dict[str, Any] | None = json.loads(line)["picture"]
        except (OSError, ValueError, KeyError):
            self._end()
            return None
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        process = self._process = self._starter.start()
        opened = {"task": "draw", "path": str(self._path.resolve()), "layer": LAYER_LIMIT, **_LIMITS}
        assert process.stdin
        with suppress(BrokenPipeError):  # the page that is asked for next finds out
            process.stdin.write(json.dumps(opened).encode() + b"\n")
            process.stdin.flush()
        return process

    def _answer(self, process: subprocess.Popen[bytes], request: bytes) -> bytes:
        """One line. Raises ValueError when none comes."""
        assert process.stdin and process.stdout
        process.stdin.write(request)
        process.stdin.flush()
        source, buffer, until = process.stdout.fileno(), bytearray(), time.monotonic() + _PAGE_S
        while not buffer.endswith(b"\n"):
            left = until - time.monotonic()
            if left <= 0 or len(buffer) > _LONGEST or not select.select([source], [], [], left)[0]:
                raise ValueError("no picture in time")
            chunk = os.read(source, _CHUNK)
            if not chunk:
                raise ValueError("the process has ended")
            buffer += chunk
        return bytes(buffer)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
