"""Reading members of a ZIP archive that may be hostile: nothing is unpacked to disk, and all of it is bounded."""

import posixpath
import zipfile
import zlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bookwright.press.reading.records import ReadingRefused

_MEMBERS = 100_000
_DAMAGED = "The file is damaged: a part of it can't be unpacked. Hand in the whole file, or save it anew."


class Archive:
    """An open archive. No more than `limit` bytes are unpacked from it in all."""

    def __init__(self, path: Path, limit: int) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise ReadingRefused("The file is damaged or cut off: hand in the whole file.") from None
        if len(self._zip.filelist) > _MEMBERS:
            raise ReadingRefused("The file has too many parts.")
        self._sizes = {info.filename: info.file_size for info in self._zip.filelist}
        self._left = limit

    def __contains__(self, name: str) -> bool:
        return name in self._sizes

    def unpacked(self, endings: tuple[str, ...]) -> int:
        """Bytes, by its own account, of all members with one of these endings."""
        return sum(size for name, size in self._sizes.items() if name.lower().endswith(endings))

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises ReadingRefused when it is missing, damaged, encrypted or too large."""
        try:
            with self._zip.open(name) as member:
                data = member.read(self._left + 1)
        except KeyError:
            raise ReadingRefused("The file is damaged: a part that it names is missing.") from None
        except RuntimeError:
            raise ReadingRefused("The file is encrypted: save it without a password.") from None
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
            raise ReadingRefused(_DAMAGED) from None
        self._left -= len(data)
        if self._left < 0:
            raise ReadingRefused("The file unpacks to more than a book can have.")
        return data


def resolved(base: str, href: str) -> tuple[str, str]:
    """(member, fragment) that `href`, standing in the member `base`, leads to; an empty member for one outside."""
    parts = urlsplit(href.strip())
    if parts.scheme or parts.netloc:
        return "", ""
    path = unquote(parts.path)
    if not path:
        return base, unquote(parts.fragment)
    name = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
    return ("" if name.startswith(("..", "/")) else name), unquote(parts.fragment)
