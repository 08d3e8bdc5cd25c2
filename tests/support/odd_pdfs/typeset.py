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
BENGALI = "নদীর ধারে একটি ছোট গ্রাম ছিল। সেখানকার মানুষ মাটির পাত্র বানাত, কিন্তু বৃষ্টির দিনে সবাই গল্প শুনত।"
PUNJABI = "ਨਦੀ ਦੇ ਕੰਢੇ ਇੱਕ ਛੋਟਾ ਪਿੰਡ ਸੀ। ਉੱਥੇ ਦੇ ਲੋਕ ਮਿੱਟੀ ਦੇ ਭਾਂਡੇ ਬਣਾਉਂਦੇ ਸਨ। ਸ਼ਾਮ ਨੂੰ ਮੁਸ਼ਕਲ ਕੰਮ ਮੁੱਕ ਜਾਂਦਾ ਸੀ।"
SAILOR = "كان الليل بارداً جداً، وقال الملاح: «أهلاً بكم جميعاً». ثم غنى طويلاً."
CREDIT = "Told by Asha Kumbhar of Nadipar."
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
    '"Noto Sans Bengali","Noto Sans Gurmukhi","Noto Sans Arabic"))\n'
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


def broken_over_pages() -> bytes:
    """Pages that end inside a word: soft hyphens stand for those of a typesetter."""
    return typeset(
        "#set page(height:40mm,footer:none)\n#set text(hyphenate:true)\n"
        f"#box(width:100%)[{FERRY} Nobody saw the har\u00ad\\ ]#pagebreak()\nbour that evening. {KILNS}"
    )


def short_last_pages() -> bytes:
    """Running heads over pages of text, two of them nearly empty."""
    pages = "\n#pagebreak()\n".join(
        f"Word {number}.\n\nNone." if number in (3, 6) else f"Page {number} tells this. {FERRY}\n\n{KILNS}"
        for number in range(1, 9)
    )
    return typeset(f"#set page(header:[The Collected Tales])\n{pages}")


def spread_heading() -> bytes:
    """A heading over two columns, with columns above and below it."""
    return typeset(
        "#set page(width:180mm)\n#set text(size:8pt)\n"
        f"#block(columns(2)[{FERRY} {KILNS}\n\nOne ends.#colbreak(){KILNS} {FERRY}\n\nTwo ends.])\n"
        "#block(above:12mm,below:12mm)[#text(size:18pt)[After the Flood]]\n"
        f"#block(columns(2)[Three begins. {KILNS} {FERRY}#colbreak()Four begins. {FERRY} {KILNS}])"
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
    Odd("Bengali", lambda: typeset(f'#set text(lang:"bn")\n{BENGALI}'), has={1: BENGALI}),
    Odd(
        "a left-to-right script in a document from the right",
        lambda: typeset(f'#set text(lang:"pa",dir:ltr)\n{PUNJABI}\n#pagebreak()\n{CREDIT}'),
        pages=2,
        has={1: PUNJABI, 2: CREDIT},
    ),
    Odd(
        "Arabic with marks and quotes",
        lambda: typeset(f'#set text(lang:"ar",dir:rtl)\n#set smartquote(enabled:false)\n{SAILOR}'),
        has={1: SAILOR},
    ),
    Odd(
        "Urdu in columns",
        lambda: typeset(
            f'#set page(columns:2,width:180mm)\n#set text(lang:"ur",dir:rtl,size:9pt)\n{URDU} {URDU}\n#colbreak()\n'
            f"{URDU} {URDU}"
        ),
        has={1: " ".join([URDU] * 4)},
    ),
    Odd(
        "a word over two pages",
        broken_over_pages,
        pages=2,
        has={1: "Nobody saw the harbour", 2: "that evening."},
        lacks={1: "har ", 2: "bour"},
    ),
    Odd(
        "numbers of notes",
        lambda: typeset(
            f"He lit the lamp#footnote[{KILNS}] and read.#footnote[See the almanac.] {FERRY} In 1984 it was 25."
        ),
        has={1: "He lit the lamp and read. The ferry"},
        lacks={1: "2See"},
    ),
    Odd(
        "heads over short pages",
        short_last_pages,
        pages=8,
        has={3: "Word 3. None.", 6: "Word 6. None."},
        lacks=dict.fromkeys(range(1, 9), "Collected"),
    ),
    Odd(
        "a heading over two columns",
        spread_heading,
        has={1: "Two ends. After the Flood Three begins."},
    ),
    Odd(
        "a small sidebar",
        lambda: typeset(
            f"#grid(columns:(3fr,1fr),gutter:8mm,[{FERRY} {KILNS}],[#text(size:8pt)[The ferry holds forty goats.]])"
        ),
        has={1: f"{FERRY} {KILNS} The ferry holds forty goats."},
    ),
    Odd(
        "letters set apart",
        lambda: typeset(f"#text(size:14pt,tracking:0.4em)[THE LAST FERRY]\n\n{FERRY}"),
        has={1: f"THE LAST FERRY {FERRY}"},
    ),
    Odd(
        "a large initial before one line",
        lambda: typeset("#text(size:24pt)[N]obody rowed."),
        has={1: "Nobody rowed."},
    ),
)
