"""PDFs whose file is broken, hostile or lies about itself."""

import io
import re
import zlib

import pypdf

from bookwright.contracts.book import PageTrouble

from .odd import A4, HELVETICA, Odd, Writer, document, shown

WHOLE = ["The first page of a whole book.", "The second page of it.", "The third and last page."]
_DAMAGED = "damaged"


def whole() -> bytes:
    """A plain book of three pages."""
    return document([shown(text) for text in WHOLE])


def encrypted(user: str, owner: str, algorithm: str) -> bytes:
    """The plain book, encrypted."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(whole()))
    writer.encrypt(user, owner, algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_tree(*objects: str) -> bytes:
    """A PDF of a catalog, a font (2), a content stream (3) and these objects from 4 on, the first the page tree."""
    writer = Writer()
    writer.add("<</Type/Catalog/Pages 4 0 R>>")
    writer.add(HELVETICA)
    writer.stream(shown("Found in an odd tree."))
    for body in objects:
        writer.add(body)
    return writer.written(1)


def page(parent: int) -> str:
    """A page of `with_tree`."""
    return f"<</Type/Page/Parent {parent} 0 R/MediaBox{A4}/Resources<</Font<</F1 2 0 R>>>>/Contents 3 0 R>>"


def deep_tree(levels: int) -> bytes:
    """A page under as many levels of the tree."""
    nodes = [f"<</Type/Pages/Kids[{5 + level} 0 R]/Count 1/Parent {3 + level} 0 R>>" for level in range(levels)]
    return with_tree(*nodes, page(3 + levels))


def many_pages(count: int) -> bytes:
    """Very many pages that share one content stream."""
    refs = " ".join(f"{5 + number} 0 R" for number in range(count))
    return with_tree(f"<</Type/Pages/Kids[{refs}]/Count {count}>>", *[page(4)] * count)


def two_revisions() -> bytes:
    """The plain book, and an update behind it that replaces the first page's text."""
    data = whole()
    before = data.rindex(b"xref\n0", 0, data.rindex(b"startxref"))
    new = len(data)
    body = shown("The first page, written anew.").encode()
    update = b"2 0 obj\n<</Length %d>>stream\n" % len(body) + body + b"\nendstream\nendobj\n"
    size = data.count(b" 00000 n \n") + 1
    table = new + len(update)
    update += b"xref\n2 1\n%010d 00000 n \n" % new
    update += b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, size - 1, before, table)
    return data + update


def duplicate_objects() -> bytes:
    """Objects 1 to 5 twice, with other text; the table names the second ones."""
    data = document([shown("The object that counts.")])
    head, rest = data[:15], data[15:]
    old = rest[: rest.index(b"xref\n0")].replace(b"that counts", b"that is old")
    for offset in sorted({int(entry[:10]) for entry in re.findall(rb"\d{10} 00000 n", data)}, reverse=True):
        rest = rest.replace(b"%010d 00000 n" % offset, b"%010d 00000 n" % (offset + len(old)))
    start = int(data[data.rindex(b"startxref") + 10 :].split()[0])
    return head + old + rest.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(old)))


def bomb(megabytes: int, before: str = "") -> bytes:
    """A content stream that unpacks to very much white space, with a line of text behind it. With `before` there is a
    page of harmless text in front of it."""
    block, text = b" " * (1 << 20), shown("Found in an odd tree.").encode()
    packer = zlib.compressobj(9)
    # After a full flush nothing refers to what was before: the second block may stand as often as is wanted.
    first, again = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    checksum = zlib.adler32(b"")
    for part in (*[block] * megabytes, text):
        checksum = zlib.adler32(part, checksum)
    tail = packer.compress(text) + packer.flush()
    packed = first + again * (megabytes - 1) + tail[:-4] + checksum.to_bytes(4, "big")
    writer = Writer()
    writer.add("<</Type/Catalog/Pages 4 0 R>>")
    writer.add(HELVETICA)
    writer.stream(packed, "/Filter/FlateDecode")
    writer.add(f"<</Type/Pages/Kids[{'6 0 R ' if before else ''}5 0 R]/Count {2 if before else 1}>>")
    writer.add(page(4))
    if before:
        writer.add(page(4).replace("/Contents 3 0 R", "/Contents 7 0 R"))
        writer.stream(before)
    return writer.written(1)


def endless_form() -> bytes:
    """A form that draws itself."""
    writer = Writer()
    form = writer.stream("/X1 Do /X1 Do", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X1 1 0 R>>>>")
    return document([shown("Beside the form.") + f" /X{form} Do"], writer=writer, xobjects=f"/X{form} {form} 0 R")


def cyclic_outline() -> bytes:
    """An outline whose entries follow each other for ever."""
    writer = Writer()
    writer.add("<</Type/Outlines/First 2 0 R/Last 3 0 R/Count 2>>")
    writer.add("<</Title(One)/Parent 1 0 R/Next 3 0 R/Dest[8 0 R/Fit]>>")
    writer.add("<</Title(Two)/Parent 1 0 R/Next 2 0 R/First 2 0 R/Last 3 0 R/Dest[9 0 R/Fit]>>")
    return document(
        [shown("Text of the first."), shown("Text of the second.")], writer=writer, catalog="/Outlines 1 0 R"
    )


def wrong_length() -> bytes:
    """A stream that is longer than it says."""
    writer = Writer()
    writer.add("<</Type/Catalog/Pages 4 0 R>>")
    writer.add(HELVETICA)
    writer.stream(shown("Longer than it says."), length=7)
    writer.add("<</Type/Pages/Kids[5 0 R]/Count 1>>")
    writer.add(page(4))
    return writer.written(1)


BOOK = {number: text for number, text in enumerate(WHOLE, start=1)}
CUT = "cut off|" + _DAMAGED
BROKEN = (
    Odd("whole", whole, pages=3, has=BOOK),
    Odd("zero bytes", lambda: b"", refused="empty"),
    Odd("only a header", lambda: b"%PDF-1.7\n", refused=CUT),
    Odd("encrypted, RC4", lambda: encrypted("secret", "owner", "RC4-128"), refused="encrypted"),
    Odd("encrypted, AES", lambda: encrypted("secret", "owner", "AES-256"), refused="encrypted"),
    Odd("owner password only", lambda: encrypted("", "owner", "AES-128"), pages=3, has=BOOK),
    Odd("truncated early", lambda: whole()[:300], refused=CUT),
    Odd("truncated in the middle", lambda: whole()[: len(whole()) // 2], refused=CUT),
    Odd("truncated in the table", lambda: whole()[: whole().rindex(b"trailer")], refused=CUT),
    Odd("truncated update", lambda: two_revisions()[: len(whole()) + 40], refused=CUT),
    Odd("two revisions", two_revisions, pages=3, has={1: "The first page, written anew.", 2: WHOLE[1]}),
    Odd(
        "broken xref",
        lambda: document([shown(text) for text in WHOLE]).replace(b" 00000 n", b"1 00000 n"),
        pages=3,
        has=BOOK,
    ),
    Odd("startxref points nowhere", lambda: whole().replace(b"startxref\n", b"startxref\n9"), pages=3, has=BOOK),
    Odd("garbage after the end", lambda: whole() + b"\0\xff<junk>" * 2_000, pages=3, has=BOOK),
    Odd("garbage before the header", lambda: b"junk from a mail\r\n\r\n" + whole(), pages=3, has=BOOK),
    Odd(
        "an HTML page called PDF",
        lambda: b"<!doctype html><html><body><p>Not found</p></body></html>",
        refused="called .pdf and holds a document of kind HTML",
    ),
    Odd("a PDF called DOCX", whole, file_name="letter.docx", refused="holds a document of kind PDF"),
    Odd("a PDF called TXT", whole, file_name="letter.txt", refused="holds a document of kind PDF"),
    Odd("text called PDF", lambda: b"Once upon a time there was no PDF.", refused="not a whole PDF"),
    Odd("no pages", lambda: with_tree("<</Type/Pages/Kids[]/Count 0>>"), refused="no pages|damaged"),
    Odd("no page tree", lambda: with_tree("null"), refused="no pages|damaged"),
    Odd("ten thousand pages", lambda: many_pages(10_000), refused="10000 pages; 5000 are the most"),
    Odd(
        "a count of a thousand million",
        lambda: with_tree("<</Type/Pages/Kids[5 0 R]/Count 1000000000>>", page(4)),
        has={1: "Found in an odd tree."},
    ),
    Odd(
        "a negative count",
        lambda: with_tree("<</Type/Pages/Kids[5 0 R]/Count -3>>", page(4)),
        has={1: "Found in an odd tree."},
    ),
    Odd(
        "a count of too many",
        lambda: with_tree("<</Type/Pages/Kids[5 0 R]/Count 3>>", page(4)),
        pages=3,
        has={1: "Found in an odd tree."},
        trouble={2: PageTrouble.NO_TEXT, 3: PageTrouble.NO_TEXT},
    ),
    Odd(
        "a page that is none",
        lambda: with_tree("<</Type/Pages/Kids[5 0 R 6 0 R]/Count 2>>", page(4), "[1 2 3]"),
        pages=2,
        has={1: "Found in an odd tree."},
        trouble={2: PageTrouble.NO_TEXT},
    ),
    Odd("a deep page tree", lambda: deep_tree(400), has={1: "Found in an odd tree."}),
    Odd(
        "a cyclic page tree",
        lambda: with_tree("<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2>>", page(4)),
        pages=2,
        trouble={2: PageTrouble.NO_TEXT},
    ),
    Odd("a cyclic outline", cyclic_outline, pages=2, has={1: "Text of the first.", 2: "Text of the second."}),
    Odd("a bomb of 100 MB", lambda: bomb(100), has={1: "Found in an odd tree."}),
    Odd("a bomb of 1.5 GB", lambda: bomb(1_500), refused=_DAMAGED, probed=False),
    Odd("a form that draws itself", endless_form, refused=_DAMAGED, probed=False),
    Odd("duplicate objects", duplicate_objects, has={1: "The object that counts."}),
    Odd("a stream longer than it says", wrong_length, has={1: "Longer than it says."}),
)
