"""Books for the reader, written member by member."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
Maker = Callable[..., Path]


def xhtml(body: str, title: str = "A part") -> str:
    """An XHTML document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{title}</title></head><body>{body}</body></html>'
    )


def package(documents: list[str], items: str = "", spine: str = "") -> str:
    """An OPF package with these documents in its spine."""
    manifest = "".join(
        f'<item id="d{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(documents)
    )
    references = "".join(f'<itemref idref="d{number}"/>' for number in range(len(documents)))
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Lamp</dc:title><dc:creator>A. Writer</dc:creator>'
        f"<dc:language>en</dc:language></metadata><manifest>{manifest}{items}</manifest><spine{spine}>{references}"
        "</spine></package>"
    )


@pytest.fixture
def archive(tmp_path: Path) -> Maker:
    """Writes a ZIP of members to a file of this name."""

    def make(name: str, members: dict[str, str | bytes]) -> Path:
        path = tmp_path / name
        with ZipFile(path, "w") as file:
            for member, data in members.items():
                file.writestr(member, data)
        return path

    return make


@pytest.fixture
def epub(archive: Maker) -> Maker:
    """Writes an EPUB of these spine documents and more members."""

    def make(documents: dict[str, str], items: str = "", spine: str = "", **more: str) -> Path:
        members: dict[str, str | bytes] = {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OEBPS/book.opf": package(list(documents), items, spine),
        }
        members |= {f"OEBPS/{name}": text for name, text in documents.items()}
        members |= {name.replace("__", "/").replace("_", "."): text for name, text in more.items()}
        return archive("book.epub", members)

    return make
