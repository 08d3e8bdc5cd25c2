"""What a child process does that answers requests (see `child`): its limits, and its loop. Standard library only."""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[dict[str, Any], bytes]]
"""Turns a request into what is said and the bytes that go with it."""

_PR_SET_PDEATHSIG = 1


def answer_requests(load: Callable[[], Answer], memory_bytes: int) -> None:
    """Answer until the input ends. The process ends with its parent, and may have so much address space; a request that
    needs more is answered with the error `memory`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    source = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)  # what a library prints must not get into an answer
        answer = load()
        while len(head := source.read(4)) == 4:
            request = json.loads(source.read(struct.unpack(">I", head)[0]))
            try:
                said, data = answer(request)
            except (MemoryError, RuntimeError) as error:
                if isinstance(error, RuntimeError) and "alloc" not in str(error):
                    raise
                said, data = {"error": "memory"}, b""
            text = json.dumps(said).encode()
            sink.write(struct.pack(">II", 4 + len(text) + len(data), len(text)) + text + data)
            sink.flush()
