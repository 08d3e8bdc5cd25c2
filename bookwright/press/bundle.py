"""All files of a book in one ZIP file, with what they are and their checksums."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bookwright.contracts.editions import BookMatter, BundledFile, Lacking
from bookwright.text.manifest import contents

_BLOCK = 1 << 20


class Bundler:
    """Packs without compression: sound, EPUB and PDF are compressed already."""

    def bundle(
        self,
        book: BookMatter,
        files: Sequence[BundledFile],
        lacking: Lacking,
        target: Path,
        on_progress: Callable[[int], None],
    ) -> None:
        """See the port `BundlePress`. `sha256sum --check SHA256SUMS` checks what was unpacked."""
        about = book.model_dump(include={"book_id", "title", "author", "language", "pages", "chapters"})
        texts, names = contents(about, book.modified, [entry.file for entry in files], lacking)
        try:
            with ZipFile(target, "w", ZIP_STORED) as packed:
                for name, text in texts.items():
                    packed.writestr(_info(name, book.modified), text)
                done = 0
                for name, entry in zip(names, files, strict=True):
                    info = _info(name, book.modified)
                    info.file_size = entry.file.bytes
                    with packed.open(info, "w") as out, entry.path.open("rb") as content:
                        while block := content.read(_BLOCK):
                            out.write(block)
                            done += len(block)
                            on_progress(done)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def _info(name: str, modified: datetime) -> ZipInfo:
    info = ZipInfo(name, (max(modified.year, 1980), *modified.timetuple()[1:6]))
    info.create_system = 3
    info.external_attr = 0o100644 << 16  # a plain file
    return info
