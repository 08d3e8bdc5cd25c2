"""`python -m benchmarks [SECTION …]`: run these sections, or all, and say which gates were kept."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from benchmarks import (
    adapters,
    admin,
    api_jobs,
    encoding,
    epub,
    fairness,
    ingestion,
    listening,
    narrated_pdf,
    narration,
    orchestration,
    pdf,
    reading,
    scanned,
    scenes,
    search,
    sounds,
    soundscapes,
    stories,
)
from benchmarks.measure import Figure

SECTIONS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "orchestration": orchestration.run,
    "orchestration-1s": lambda: orchestration.run(rounds=1, latency_ms=1000),
    "narration": narration.run,
    "narrated-pdf": narrated_pdf.run,
    "adapters": lambda: asyncio.to_thread(adapters.figures),
    "reading": lambda: asyncio.to_thread(reading.figures),
    "scanned": scanned.run,
    "encoding": encoding.run,
    "sounds": sounds.run,
    "pdf": pdf.run,
    "epub": epub.run,
    "scenes": scenes.run,
    "soundscapes": soundscapes.run,
    "ingestion": ingestion.run,
    "listening": listening.run,
    "search": search.run,
    "stories": stories.run,
    "api": api_jobs.run,
    "admin": admin.run,
    "fairness": fairness.run,
}


async def main(names: list[str]) -> int:
    """Run the named sections, or all; 1 when a gate was missed, 2 when there is no such section."""
    if unknown := [name for name in names if name not in SECTIONS]:
        sys.stdout.write(f"{', '.join(unknown)}: choose from {', '.join(SECTIONS)}\n")
        return 2
    missed = 0
    for name in names or list(SECTIONS):
        sys.stdout.write(f"{name}\n")
        for figure in await SECTIONS[name]():
            sys.stdout.write(figure.line() + "\n")
            missed += not figure.kept
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
