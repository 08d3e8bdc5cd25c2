"""PDFs that are odd on purpose, each with what reading it must come to."""

from tests.support.odd_pdfs.broken import BROKEN
from tests.support.odd_pdfs.odd import Odd
from tests.support.odd_pdfs.strange import STRANGE
from tests.support.odd_pdfs.typeset import TYPESET

ODD = (*BROKEN, *STRANGE, *TYPESET)

__all__ = ["ODD", "Odd"]
