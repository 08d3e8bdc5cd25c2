"""An odd PDF, and a writer of PDFs object by object, so that each object can be wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from bookwright.contracts.book import PageTrouble

A4 = "[0 0 595 842]"
HELVETICA = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"


@dataclass(frozen=True)
class Odd:
    """A PDF and what reading it gives: a refusal whose message has these words, or this many pages."""

    name: str
    build: Callable[[], bytes]
    refused: str | None = None
    pages: int = 1
    has: dict[int, str] = field(default_factory=dict)
    """Text of a page (1-based), in one run with single spaces; an empty string is an empty page."""
    lacks: dict[int, str] = field(default_factory=dict)
    trouble: dict[int, PageTrouble] = field(default_factory=dict)
    """Of exactly these pages."""
    labels: dict[int, str] = field(default_factory=dict)
    titles: tuple[str, ...] | None = None
    file_name: str = "book.pdf"
    probed: bool = True
    """Whether a quick look is tried too: what takes long, or is about layout alone, is read only."""


class Writer:
    """Collects numbered objects and writes them with a cross-reference table."""

    def __init__(self) -> None:
        self.objects: list[bytes] = []

    def add(self, body: str | bytes) -> int:
        """Add an object; its number."""
        self.objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(self.objects)

    def stream(self, data: str | bytes, entries: str = "", *, length: int | None = None) -> int:
        """Add a stream; its number. `length` may lie."""
        raw = data.encode("latin-1") if isinstance(data, str) else data
        said = len(raw) if length is None else length
        return self.add(f"<<{entries}/Length {said}>>stream\n".encode() + raw + b"\nendstream")

    def written(self, root: int, trailer: str = "", *, shift: int = 0) -> bytes:
        """The file; `shift` makes every offset in the table wrong by as much."""
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, body in enumerate(self.objects, start=1):
            offsets.append(len(out))
            out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        for offset in offsets:
            out += b"%010d 00000 n \n" % (offset + shift)
        out += f"trailer\n<</Size {len(offsets) + 1}/Root {root} 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)


def shown(*lines: str, x: int = 72, y: int = 760, size: int = 12, leading: int = 16) -> str:
    """A content stream that shows lines of text one below the other."""
    parts = [f"BT /F1 {size} Tf {leading} TL {x} {y} Td"]
    for line in lines:
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        parts.append(f"({escaped}) Tj T*")
    return "\n".join([*parts, "ET"])


def document(
    contents: list[str],
    *,
    box: str = A4,
    page: str = "",
    catalog: str = "",
    font: str | None = HELVETICA,
    writer: Writer | None = None,
    xobjects: str = "",
) -> bytes:
    """A PDF with one page for each content stream. `page` and `catalog` are more entries of those."""
    writer = writer or Writer()
    resources = f"/XObject<<{xobjects}>>"
    if font is not None:
        resources += f"/Font<</F1 {writer.add(font)} 0 R>>"
    streams = [writer.stream(content) for content in contents]
    tree = len(writer.objects) + len(streams) + 1
    kids = [
        writer.add(
            f"<</Type/Page/Parent {tree} 0 R/MediaBox{box}/Resources<<{resources}>>/Contents {stream} 0 R{page}>>"
        )
        for stream in streams
    ]
    refs = " ".join(f"{kid} 0 R" for kid in kids)
    writer.add(f"<</Type/Pages/Kids[{refs}]/Count {len(kids)}>>")
    return writer.written(writer.add(f"<</Type/Catalog/Pages {tree} 0 R{catalog}>>"))
