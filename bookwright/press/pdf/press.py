"""The PDF press: what stands behind the port `BookPress` for PDF."""

import contextlib
import errno
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.resources import as_file, files
from pathlib import Path

from bookwright.contracts.editions import BookMatter, ChapterMatter
from bookwright.contracts.errors import Permanent, StorageFull
from bookwright.contracts.ids import AssetId
from bookwright.press.pdf.staging import Layout, Stage

_TEMPLATES = ("book.typ", "front.typ", "picture.typ", "prose.typ", "probe.typ")
_LOOK_S = 0.1
_SETTER = Path(__file__).with_name("setter.py")
"""Not imported: typst is for the child alone."""


class PdfPress:
    """Binds PDF 1.7, tagged after PDF/UA-1. Stateless, so safe in several threads.

    typst has no way to stop, so it runs in a child process that can be killed and whose memory is limited.
    """

    def __init__(self, layout: Layout = "auto", *, memory_mb: int = 4_096, cpu_s: int = 600) -> None:
        """`picture` is one PDF page for each page of the book, `text` runs on as a novel does, `auto` takes the one
        that suits the book. `memory_mb` is address space."""
        self._layout: Layout = layout
        self._memory_mb = memory_mb
        self._cpu_s = cpu_s

    def bind(
        self,
        book: BookMatter,
        chapters: Iterable[ChapterMatter],
        asset_path: Callable[[AssetId], Path],
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """Write the book to `target`; see the port `BookPress`. `on_progress` counts pages as they are read; while the
        book is set it keeps getting the last count, and may still raise to stop within a fifth of a second. A picture
        that can't be decoded, and pages that `book.pages` promises and no chapter brings, are listed as missing.

        Raises BadInput for a tag that is no language and for a book without chapters, Permanent when typst can't set
        the book or needs more than the limits, StorageFull when the disk is full, and whatever `asset_path` raises."""
        scratch = Path(tempfile.mkdtemp(prefix=".pdf-", dir=target.parent))
        try:
            _copy_templates(scratch)
            pages = Stage(scratch, book, asset_path).write(chapters, self._layout, on_progress)
            self._set(scratch, lambda: on_progress(pages))
            (scratch / "book.pdf").replace(target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("There is no room to bind the PDF. Free some space.") from None
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _set(self, folder: Path, tick: Callable[[], None]) -> None:
        with (folder / "stderr").open("w+b") as said:
            child = subprocess.Popen(
                [sys.executable, "-I", str(_SETTER), str(folder), str(self._cpu_s), str(self._memory_mb)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={},
                cwd=folder,
            )
            try:
                while child.poll() is None:
                    tick()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(_LOOK_S)
            finally:
                child.kill()
                child.wait()
                assert child.stdin is not None
                child.stdin.close()
            if child.returncode == 0:
                return
            said.seek(0)
            reason = said.read(2_000).decode("utf-8", "replace")
        if child.returncode == 3:
            raise Permanent(f"The PDF can't be set. {reason}")
        if "No space left" in reason:
            raise StorageFull("There is no room to bind the PDF. Free some space.")
        raise Permanent(
            f"The PDF was not set ({child.returncode}); it may use {self._memory_mb} MB and {self._cpu_s} s of CPU."
        )


def _copy_templates(folder: Path) -> None:
    for name in _TEMPLATES:
        with as_file(files("bookwright.press.pdf") / "templates" / name) as path:
            shutil.copyfile(path, folder / name)
