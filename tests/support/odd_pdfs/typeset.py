"""PDFs as a typesetter makes them: columns, notes, heads, many scripts."""

import importlib.util

import typst

from .odd import Odd

FERRY = (
    "The ferry crosses the wide brown river every morning before the sun has cleared the hills, and every evening it "
    "comes back with baskets, goats and news. Nobody remembers a day on which it stayed at home."
)
KILNS = (
    "In the village of the potters the kilns are lit on Mondays. Smoke lies over the roofs until Wednesday, and the "
    "children draw faces into the soot of the window panes."
)
HINDI = "नदी के किनारे एक छोटा गाँव था। वहाँ के लोग मिट्टी के बर्तन बनाते थे, और हर सोमवार को भट्ठी जलती थी।"
TAMIL = "ஆற்றின் கரையில் ஒரு சிறிய கிராமம் இருந்தது. அங்கே மக்கள் மண் பானைகள் செய்தார்கள்."
ARABIC = "كان هناك نهر صغير (قديم) في عام 1984 قرب القرية. لا أحد يعرف اسم النهر، ولكن الأطفال يحبونه."
URDU = "دریا کے کنارے ایک چھوٹا سا شہر تھا۔ لوگ مٹی کے برتن بناتے تھے اور ہر پیر کو بھٹی جلتی تھی۔"
POEM = [
    "The heron stands upon one leg",
    "and dreams of silver fish,",
    "the river carries all it has",
    "and grants it not one wish;",
]
LONG_WORDS = (
    "Uncharacteristically incomprehensible internationalisation notwithstanding, a well-known misunderstanding "
    "disproportionately overshadowed transcontinental communication."
)
TABLE = ("Name", "Age", "Village", "Asha", "12", "Kumbhar", "Birju", "9", "Nadipar", "Chitra", "31", "Ghat")
SHEET = (
    "#set page(width:150mm,height:200mm)\n#set par(justify:true)\n"
    '#set text(size:10pt,lang:"en",font:("Libertinus Serif","Noto Sans","Noto Sans Devanagari","Noto Sans Tamil",'
    '"Noto Sans Arabic"))\n'
)


def typeset(source: str) -> bytes:
    """A PDF of Typst markup."""
    fonts = importlib.util.find_spec("manimgx_fonts")
    assert fonts and fonts.submodule_search_locations
    pdf: bytes = typst.compile((SHEET + source).encode(), font_paths=[*fonts.submodule_search_locations])  # type: ignore[misc]
    return pdf


def columns(count: int) -> bytes:
    """A title over columns of text."""
    text = "\n\n".join(f"{FERRY} {KILNS} Mark {number} ends here." for number in range(1, 9))
    return typeset(f"#set page(columns:{count},width:{90 * count}mm)\n#set text(size:8pt)\n{text}")


def in_columns(first: int, last: int) -> str:
    """The text of some paragraphs of `columns`."""
    return " ".join(f"{FERRY} {KILNS} Mark {number} ends here." for number in range(first, last + 1))


def heads() -> bytes:
    """Running heads that change sides, page numbers at the foot, and a line that stands on every page."""
    pages = "\n#pagebreak()\n".join(
        f"= Tale {number}\n{FERRY} That was tale {number}. {KILNS}" for number in range(1, 9)
    )
    return typeset(
        "#set page(header:context{let n=counter(page).get().first();if calc.odd(n){[The Collected Tales #h(1fr) #n]}"
        "else{[#n #h(1fr) A. Teller]}},footer:context align(center)[— #counter(page).display() —])\n" + pages
    )


TYPESET = (
    Odd("two columns", lambda: columns(2), has={1: in_columns(1, 8)}),
    Odd("three columns", lambda: columns(3), has={1: in_columns(1, 8)}),
    Odd(
        "text and sidebar",
        lambda: typeset(f"#grid(columns:(2fr,1fr),gutter:8mm,[{FERRY} {FERRY}],[#text(size:8pt)[{KILNS}]])"),
        has={1: f"{FERRY} {FERRY} {KILNS}"},
    ),
    Odd(
        "hyphenation",
        lambda: typeset(f"#set page(width:70mm)\n#set text(hyphenate:true)\n{LONG_WORDS}"),
        has={1: LONG_WORDS},
    ),
    Odd(
        "heads, feet and numbers",
        heads,
        pages=8,
        titles=tuple(f"Tale {number}" for number in range(1, 9)),
        has={number: f"{FERRY} That was tale {number}. {KILNS}" for number in range(1, 9)},
        lacks={number: "Collected" if number % 2 else "Teller" for number in range(1, 9)},
    ),
    Odd(
        "footnotes",
        lambda: typeset(f"{FERRY}#footnote[It is older than the bridge.] {KILNS}"),
        has={1: "It is older than the bridge."},
    ),
    Odd("verse", lambda: typeset("\\\n".join(POEM)), has={1: "\n".join(POEM)}),
    Odd(
        "a table",
        lambda: typeset("#table(columns:3," + ",".join(f"[{cell}]" for cell in TABLE) + ")"),
        has={1: "\n".join(", ".join(TABLE[first : first + 3]) for first in range(0, len(TABLE), 3))},
    ),
    Odd("a turned block", lambda: typeset(f"#rotate(90deg,reflow:true)[#block(width:120mm)[{FERRY}]]"), has={1: FERRY}),
    Odd("Devanagari", lambda: typeset(f'#set text(lang:"hi")\n{HINDI}'), has={1: HINDI}),
    Odd("Tamil", lambda: typeset(f'#set text(lang:"ta")\n{TAMIL}'), has={1: TAMIL}),
    Odd("Arabic", lambda: typeset(f'#set text(lang:"ar",dir:rtl)\n{ARABIC}'), has={1: ARABIC}),
    Odd("Urdu", lambda: typeset(f'#set text(lang:"ur",dir:rtl)\n{URDU}'), has={1: URDU}),
)
