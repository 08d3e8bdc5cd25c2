"""Starting bounded processes. Some may be kept ready: loading what they need takes longer than a short document."""

import os
import subprocess
import sys
import threading
import time
from collections import deque

_QUIET_S = 1.0


class Starter:
    """Starts processes that run `module`, each for one document. For several threads.

    With the first one taken, a thread begins to keep some ready: as many as were ever taken in close succession, up to
    `spare`. A process that waits holds 14 MB, has seen no document, and ends with this one."""

    def __init__(self, module: str, spare: int = 0) -> None:
        self._module = module
        self._most = spare
        self._ready: deque[subprocess.Popen[bytes]] = deque()
        self._burst = 0
        self._lock = threading.Lock()
        self._taken = threading.Event()
        self._keeper: threading.Thread | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """A process that waits for its request, a JSON line. Whoever takes it ends it and waits for it."""
        if self._most == 0:
            return _started(self._module)
        with self._lock:
            self._burst += 1
            if self._keeper is None:
                # One thread starts all spare ones: on Linux a process "dies with its parent" when the thread has gone
                # that started it.
                self._keeper = threading.Thread(target=self._keep, name="spare processes", daemon=True)
                self._keeper.start()
            self._taken.set()
            while self._ready:
                process = self._ready.popleft()
                if process.poll() is None:
                    return process
                _close(process)
        return _started(self._module)

    def _keep(self) -> None:
        wanted = 0
        while self._taken.wait():
            while self._taken.is_set():  # starting others would slow down those that were just taken
                self._taken.clear()
                time.sleep(_QUIET_S)
            with self._lock:
                wanted = min(max(wanted, self._burst), self._most)
                self._burst = 0
                missing = wanted - len(self._ready)
            for _ in range(missing):
                process = _started(self._module)
                with self._lock:
                    self._ready.append(process)


def _started(module: str) -> subprocess.Popen[bytes]:
    # -I: neither the working folder nor PYTHON* variables say what is imported. Nothing of the environment, which holds
    # keys, is handed on.
    return subprocess.Popen(
        [sys.executable, "-I", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # One thread is all that work on one file can use; each further one of numpy's reserves memory.
        env={"LANG": "C.UTF-8", "PATH": os.defpath, "OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
