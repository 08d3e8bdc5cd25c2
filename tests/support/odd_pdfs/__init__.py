"""PDFs that are odd on purpose, each with what reading it must come to."""

from dataclasses import replace

from tests.support.odd_pdfs.broken import BROKEN
from tests.support.odd_pdfs.odd import Odd
from tests.support.odd_pdfs.strange import STRANGE
from tests.support.odd_pdfs.typeset import TYPESET

ODD = (*BROKEN, *STRANGE, *(replace(odd, probed=False) for odd in TYPESET))

__all__ = ["ODD", "Odd"]
