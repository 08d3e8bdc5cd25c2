"""All files of a book in one ZIP file, with what they are and their checksums."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from bookwright.contracts.editions import BookMatter, BundledFile, Lacking

MANIFEST, CHECKSUMS = "manifest.json", "SHA256SUMS"
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
        names = _distinct(files)
        manifest = {
            "book_id": book.book_id,
            "title": book.title,
            "author": book.author,
            "language": book.language,
            "modified": book.modified.isoformat(),
            "pages": book.pages,
            "chapters": book.chapters,
            "complete": not (lacking.pages or lacking.editions),
            "missing_pages": [{"page": page, "reason": reason} for page, reason in sorted(lacking.pages.items())],
            "missing_editions": list(lacking.editions),
            "files": [
                {
                    "name": name,
                    "sha256": entry.file.asset,
                    **entry.file.model_dump(mode="json", exclude={"name", "asset"}),
                }
                for name, entry in zip(names, files, strict=True)
            ],
        }
        sums = "".join(f"{entry.file.asset}  {name}\n" for name, entry in zip(names, files, strict=True))
        try:
            with ZipFile(target, "w", ZIP_STORED) as packed:
                packed.writestr(_info(MANIFEST, book.modified), json.dumps(manifest, ensure_ascii=False, indent=2))
                packed.writestr(_info(CHECKSUMS, book.modified), sums)
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


def _distinct(files: Sequence[BundledFile]) -> list[str]:
    """The files' names, such that none is unpacked over another, also where upper and lower case are the same."""
    seen = {MANIFEST.casefold(), CHECKSUMS.casefold()}
    names = []
    for entry in files:
        name = entry.file.name
        while name.casefold() in seen:
            name = f"{entry.file.edition}-{entry.file.chapter or 0}-{name}"
        seen.add(name.casefold())
        names.append(name)
    return names
