"""What a process that opens files of strangers may use, and say. Loads next to nothing: such processes start often."""

import ctypes
import os
import resource
import signal
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 64


def end_with_parent() -> bool:
    """Have this process killed with its parent. False when that has gone already."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def answer_only() -> BinaryIO:
    """The way to the parent; what libraries print goes nowhere."""
    answer = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return answer


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Let this process use no more address space and processor time than that, and write nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
