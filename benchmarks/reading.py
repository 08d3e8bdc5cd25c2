"""Reading a long PDF, against PDFium's bare page text in the same run, in CPU seconds: both work on one core."""

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from benchmarks.measure import Figure
from bookwright.contracts.documents import ReadingUsage
from bookwright.press.reading import read_document

PAGES = 1_000
_ROUNDS = 3
_BARE = """
import sys, pypdfium2
document = pypdfium2.PdfDocument(sys.argv[1])
length = 0
for page in document:
    text = page.get_textpage()
    length += len(text.get_text_range())
    text.close()
    page.close()
print(length)
"""
_SENTENCES = (
    "The miller's daughter counted the boats that came down with the flood, and there were fewer than last year.",
    "Nobody at the landing could say where the well-known captain had gone, or what had become of his dog.",
    "When the wind turned, the whole town smelled of tar and wet rope; by evening it smelled of bread again.",
    "She wrote the number into the margin of the almanac, beside the others, and blew the lamp out.",
)


def figures() -> list[Figure]:
    """The speed ratio of reading PAGES pages in one column and in two, with the memory of the reader's process. Both
    sides start a process of their own; the bare one only throws the text away."""
    found = []
    with TemporaryDirectory() as folder:
        for columns in (1, 2):
            path = Path(folder) / f"{columns}.pdf"
            pages = _typeset(path, columns)
            ratios, memory = [], []
            for _ in range(_ROUNDS):
                used: list[ReadingUsage] = []
                before = _cpu()
                subprocess.run([sys.executable, "-c", _BARE, str(path)], check=True, stdout=subprocess.DEVNULL)
                between = _cpu()
                source = read_document(path, on_usage=used.append).source
                ratios.append((between - before) / (_cpu() - between))
                memory.append((used[0].peak_bytes or 0) / 1e6)
                if source.page_count != pages:
                    raise RuntimeError(f"{source.page_count} pages of {pages}")
            name = f"{pages} pages in {columns} column{'s'[: columns - 1]}"
            found.append(Figure(f"{name}, speed / bare PDFium", ratios, gate=0.5, most=False))
            found.append(Figure(f"{name}, memory", memory, gate=400, unit="MB"))
    return found


def _typeset(path: Path, columns: int) -> int:
    """A book of about PAGES pages with running heads, hyphens and numbers; the pages it came to."""
    paragraphs = [" ".join(_SENTENCES[(number + step) % 4] for step in range(2 + number % 5)) for number in range(64)]
    source = (
        f'#set page(width:{150 * columns}mm,height:220mm,columns:{columns},numbering:"1",header:[The Long Flood])\n'
        '#set text(size:10.5pt,lang:"en",hyphenate:true)\n'
        "#set par(justify:true,first-line-indent:1.2em,spacing:0.65em)\n"
        f"#for n in range({PAGES}) [\n#if calc.rem(n, 40) == 0 [= Chapter #(n + 1)]\n#for k in range({6 * columns}) "
        f"[#(({', '.join('[' + text + ']' for text in paragraphs)},).at(calc.rem(n * 7 + k * 5, 64))) #parbreak()]\n"
        "#pagebreak()]\n"
    )
    path.write_bytes(typst.compile(source.encode()))
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return len(document)


def _cpu() -> float:
    """User and system seconds of this process and of all its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)
