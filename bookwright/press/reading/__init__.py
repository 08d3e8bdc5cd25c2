"""Documents as text: PDF, EPUB, DOCX and HTML files, read in a process of their own.

What is offered here is loaded when it is asked for: the processes that read are of this package, too, and need little
of it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bookwright.press.reading.reader import probe_document, read_document

__all__ = ["probe_document", "read_document"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from bookwright.press.reading import reader

    return getattr(reader, name)
