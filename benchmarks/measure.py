"""Measuring processes from outside, and showing what came out."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(*pids: int) -> float:
    """User and system seconds that the processes have used so far."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def peak_mb(pid: int) -> float:
    """The most memory the process has held, in MB."""
    return _status_mb(pid, "VmHWM")


def rss_mb(pid: int) -> float:
    """The memory the process holds now, in MB."""
    return _status_mb(pid, "VmRSS")


def fresh_peak(pid: int) -> None:
    """Have `peak_mb` count from now on."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _status_mb(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass(frozen=True)
class Figure:
    """One result: its name, its samples, and the gate it must keep. `most` says whether the gate is an upper bound."""

    name: str
    samples: Sequence[float]
    gate: float | None = None
    most: bool = True
    unit: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def kept(self) -> bool:
        if self.gate is None:
            return True
        return self.median <= self.gate if self.most else self.median >= self.gate

    def line(self) -> str:
        spread = f"{min(self.samples):.3g}–{max(self.samples):.3g}"
        gate = "" if self.gate is None else f"  gate {'≤' if self.most else '≥'} {self.gate:g}"
        verdict = "" if self.gate is None else ("  kept" if self.kept else "  MISSED")
        return f"  {self.name:<52} {self.median:8.3f} {self.unit:<4} ({spread}){gate}{verdict}"
