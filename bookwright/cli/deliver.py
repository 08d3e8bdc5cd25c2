"""Copying a book's files to where a person wants them."""

import asyncio
import os
import shutil
from pathlib import Path

from bookwright.cli.desk import Desk
from bookwright.contracts.errors import StorageFull
from bookwright.store import JobRow
from bookwright.text.names import file_name


async def deliver(desk: Desk, job: JobRow, out_dir: Path) -> list[Path]:
    """The book's files under `out_dir/<title>/`; those already there unchanged are left alone. Each appears whole or
    not at all. Raises StorageFull."""
    files = await desk.books.files(desk.owner, job.book_id)
    if not files:
        return []
    folder = out_dir / file_name(job.title, "").rstrip(".")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in files:
        path = folder / file.name
        await asyncio.to_thread(_copy, await asyncio.to_thread(desk.assets.path, file.asset), path)
        paths.append(path)
    return paths


def _copy(source: Path, target: Path) -> None:
    if target.exists() and target.stat().st_size == source.stat().st_size:
        if target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            return
    partial = target.with_name(target.name + ".part")
    try:
        shutil.copy2(source, partial)
        os.replace(partial, target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageFull(f"{target.parent} can't take the file: {error.strerror}; the book itself is kept") from None
