"""PDFs that are whole, and whose pages are strange."""

import io
import zlib

import pypdf

from bookwright.contracts.book import PageTrouble

from .odd import HELVETICA, Odd, Writer, document, shown

KRUTI = [
    "Hkkjr ,d egku ns'k gSA ;gk¡ vusd unh gSa vkSj cM+s&cM+s igkM+ Hkh gSaA",
    "ml xk¡o esa ,d cw<+k fdlku jgrk FkkA mlds rhu csVs FksA",
]
PROSE = (
    "The old pump in the square had not worked since the war,",
    "but every child in the town still pulled the long handle",
    "once on the way to school, because somebody's uncle had",
    "seen it give water in the driest summer of all.",
)


def image(width: int, height: int) -> tuple[Writer, int]:
    """A grey picture, one bit a pixel; its data may be far less than it says."""
    writer = Writer()
    entries = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 1/ColorSpace/DeviceGray"
    rows = min((width + 7) // 8 * height, 100_000)
    return writer, writer.stream(zlib.compress(bytes(rows)), entries + "/Filter/FlateDecode")


def pictured(*contents: str, width: int = 64, height: int = 64) -> bytes:
    """Pages that may draw the picture with `/Im Do`."""
    writer, number = image(width, height)
    return document(list(contents), writer=writer, xobjects=f"/Im {number} 0 R")


def mapped(codes: dict[int, str], shows: str, name: str = "Odd") -> bytes:
    """One page in a font whose ToUnicode map is `codes`."""
    writer = Writer()
    lines = "".join(f"<{code:02x}> <{text.encode('utf-16-be').hex()}>\n" for code, text in codes.items())
    cmap = writer.stream(
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> "
        f"endcodespacerange {len(codes)} beginbfchar\n{lines}endbfchar endcmap end end"
    )
    widths = " ".join(["500"] * 256)
    font = (
        f"<</Type/Font/Subtype/TrueType/BaseFont/{name}/FirstChar 0/LastChar 255/Widths[{widths}]"
        f"/ToUnicode {cmap} 0 R/Encoding/WinAnsiEncoding>>"
    )
    return document([shown(shows)], writer=writer, font=font)


def turned(degrees: int) -> bytes:
    """A page that is shown turned, its text drawn so that it is upright then."""
    turn = {90: "0 1 -1 0 595 0", 180: "-1 0 0 -1 595 842", 270: "0 -1 1 0 0 842"}[degrees]
    return document([f"q {turn} cm {shown(*PROSE, y=400)} Q"], page=f"/Rotate {degrees}")


def attached() -> bytes:
    """A book with a file attached to it and a script that runs at opening."""
    script = r"/OpenAction<</S/JavaScript/JS(app.alert\('This is not the book.'\); this.exportDataObject\({n:2}\))>>"
    book = document([shown("Only this is the book.")], catalog=script)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(book))
    writer.add_attachment("secret.txt", b"This is not the book.")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def annotated() -> bytes:
    """A page with a note, a link and a form field."""
    writer = Writer()
    note = writer.add("<</Type/Annot/Subtype/Text/Rect[10 10 30 30]/Contents(A note in the margin)>>")
    link = writer.add("<</Type/Annot/Subtype/Link/Rect[70 700 300 780]/A<</S/URI/URI(https://example.org)>>>>")
    entry = writer.add("<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(Typed in)/Rect[70 600 300 620]>>")
    return document(
        [shown("Text under a link.")],
        writer=writer,
        page=f"/Annots[{note} 0 R {link} 0 R {entry} 0 R]",
        catalog=f"/AcroForm<</Fields[{entry} 0 R]>>",
    )


def labelled() -> bytes:
    """Two roman pages, then arabic ones from 1, one of them in an appendix."""
    labels = "/PageLabels<</Nums[0<</S/r>>2<</S/D>>4<</S/D/P(A-)/St 7>>]>>"
    return document([shown(f"Page {word}.") for word in ("one", "two", "three", "four", "five")], catalog=labels)


def word_by_word(text: str) -> bytes:
    """Every word a text object of its own, placed by hand."""
    parts = []
    for row, line in enumerate(text.split("\n")):
        x = 72.0
        for word in line.split():
            parts.append(f"BT /F1 10 Tf 1 0 0 1 {x} {760 - 14 * row} Tm ({word}) Tj ET")
            x += 6 * len(word) + 6
    return document(["\n".join(reversed(parts))], font=HELVETICA.replace("Helvetica", "Courier"))


def commas_afterwards() -> bytes:
    """A line whose commas are drawn behind it, as a program does that takes them from another font."""
    line = "BT /F1 10 Tf 72 700 Td [(red) -1200 (green) -1200 (blue) -1200 (and grey harbours)] TJ ET"
    commas = "BT /F1 10 Tf 90 700 Td [(,) -3600 (,) -3000 (,)] TJ ET"
    return document([f"{line} {commas}"], font=HELVETICA.replace("Helvetica", "Courier"))


def one_long_page(words: int) -> bytes:
    """All of a book on one page."""
    lines = " T* ".join("(" + "word " * 200 + ") Tj" for _ in range(words // 200))
    return document([f"BT /F1 1 Tf 2 TL 10 830 Td {lines} ET"], box="[0 0 2000 2000]")


def outlined() -> bytes:
    """Two parts of two chapters each."""
    writer = Writer()
    # Objects: 1 the outline, 2 to 7 its entries, 8 the font, 9 to 13 the streams, 14 to 18 the pages.
    writer.add("<</Type/Outlines/First 2 0 R/Last 5 0 R/Count 2>>")
    writer.add("<</Title(Part One)/Parent 1 0 R/Next 5 0 R/First 3 0 R/Last 4 0 R/Count 2/Dest[14 0 R/Fit]>>")
    writer.add("<</Title(Chapter 1)/Parent 2 0 R/Next 4 0 R/Dest[14 0 R/Fit]>>")
    writer.add("<</Title(Chapter 2)/Parent 2 0 R/Dest[15 0 R/Fit]>>")
    writer.add("<</Title(Part Two)/Parent 1 0 R/First 6 0 R/Last 7 0 R/Count 2/Dest[16 0 R/Fit]>>")
    writer.add("<</Title(Chapter 3)/Parent 5 0 R/Next 7 0 R/Dest[17 0 R/Fit]>>")
    writer.add("<</Title(Chapter 4)/Parent 5 0 R/Dest[18 0 R/Fit]>>")
    return document([shown(f"Text {number}.") for number in range(1, 6)], writer=writer, catalog="/Outlines 1 0 R")


JOINED = " ".join(PROSE)
PRIVATE = {code: chr(0xE000 + code) for code in range(32, 127)}
LIGATURES = {ord("x"): "\ufb03", ord("y"): "\ufb01", ord("-"): "\u00ad"} | {
    code: chr(code) for code in b"abcdefghijklmnopqrstuvwz ."
}
STRANGE = (
    Odd(
        "a huge box",
        lambda: document([shown("Lost in space.")], box="[0 0 90000000 90000000]"),
        has={1: "Lost in space."},
    ),
    Odd("a box of nothing", lambda: document([shown("No room.")], box="[0 0 0 0]"), has={1: "No room."}),
    Odd(
        "a negative box",
        lambda: document([shown("Below zero.", x=-300, y=-300)], box="[-595 -842 0 0]"),
        has={1: "Below zero."},
    ),
    Odd("a box upside down", lambda: document([shown("Upside down.")], box="[595 842 0 0]"), has={1: "Upside down."}),
    Odd("turned by 90", lambda: turned(90), has={1: JOINED}),
    Odd("turned by 180", lambda: turned(180), has={1: JOINED}),
    Odd("turned by 270", lambda: turned(270), has={1: JOINED}),
    Odd("turned by 45", lambda: document([shown("A strange angle.")], page="/Rotate 45"), has={1: "A strange angle."}),
    Odd(
        "a font that is not there", lambda: document([shown("No font at all.")], font=None), has={1: "No font at all."}
    ),
    Odd("script and attachment", attached, has={1: "Only this is the book."}, lacks={1: "not the book"}),
    Odd("notes, links, fields", annotated, has={1: "Text under a link."}, lacks={1: "margin"}),
    Odd(
        "a legacy Hindi font",
        lambda: document([shown(*KRUTI)], font=HELVETICA.replace("Helvetica", "KrutiDev010")),
        trouble={1: PageTrouble.GARBLED},
    ),
    Odd(
        "an English page in such a font",
        lambda: document([shown(*PROSE)], font=HELVETICA.replace("Helvetica", "KrutiDev010")),
        has={1: JOINED},
    ),
    Odd("private characters", lambda: mapped(PRIVATE, PROSE[0]), trouble={1: PageTrouble.GARBLED}),
    Odd(
        "control characters",
        lambda: mapped({code: "\x01" for code in range(32, 127)}, PROSE[0]),
        trouble={1: PageTrouble.GARBLED},
    ),
    Odd(
        "ligatures and soft hyphens",
        lambda: mapped(LIGATURES, "an o-xcer had the ynal wa-ter."),
        has={1: "an officer had the final water."},
    ),
    Odd("a picture only", lambda: pictured("q 500 0 0 700 40 60 cm /Im Do Q"), trouble={1: PageTrouble.NO_TEXT}),
    Odd(
        "a picture of 2.5 gigapixels",
        lambda: pictured("q 500 0 0 700 40 60 cm /Im Do Q", width=50_000, height=50_000),
        trouble={1: PageTrouble.NO_TEXT},
    ),
    Odd(
        "text, picture, nothing, both",
        lambda: pictured(shown("Words."), "/Im Do", "", "/Im Do " + shown("Both.")),
        pages=4,
        has={1: "Words.", 3: "", 4: "Both."},
        trouble={2: PageTrouble.NO_TEXT},
    ),
    Odd(
        "a drawing of many lines",
        lambda: document(["".join(f"{n} {n} m 300 {7 * n} l S " for n in range(1, 90))]),
        trouble={1: PageTrouble.NO_TEXT},
    ),
    Odd("an empty page", lambda: document([""]), has={1: ""}),
    Odd(
        "a page number alone",
        lambda: document([shown(*PROSE), shown("2", x=300, y=30), shown(*PROSE)]),
        pages=3,
        has={1: JOINED},
    ),
    Odd(
        "unbalanced content",
        lambda: document(["q q q BT " + shown("Still here.") + " ET ET Q Q Q Q Q ]] >> (("]),
        has={1: "Still here."},
    ),
    Odd("roman labels", labelled, pages=5, labels={1: "i", 2: "ii", 3: "1", 4: "2", 5: "A-7"}, has={3: "Page three."}),
    Odd(
        "an outline of parts",
        outlined,
        pages=5,
        titles=("Part One · Chapter 1", "Chapter 2", "Part Two", "Chapter 3", "Chapter 4"),
    ),
    Odd(
        "word by word, backwards",
        lambda: word_by_word("seven brave sailors\nslowly rowed across\nsilent harbour waters"),
        has={1: "seven brave sailors slowly rowed across silent harbour waters"},
    ),
    Odd("commas drawn afterwards", commas_afterwards, has={1: "red, green, blue, and grey harbours"}, probed=False),
    Odd("a book on one page", lambda: one_long_page(400_000), has={1: "word word word"}, probed=False),
    Odd(
        "a tiny font, scaled up",
        lambda: document(["q 12 0 0 12 72 700 cm BT /F1 1 Tf 0 0 Td (Scaled by the matrix.) Tj ET Q"]),
        has={1: "Scaled by the matrix."},
    ),
    Odd("white space only", lambda: document([shown("   ", " ")]), has={1: ""}),
    Odd(
        "crop box elsewhere",
        lambda: document([shown("Outside the crop.")], page="/CropBox[400 10 590 200]"),
        has={1: "Outside the crop."},
    ),
    Odd("user units", lambda: document([shown("Large units.")], page="/UserUnit 75000"), has={1: "Large units."}),
)
