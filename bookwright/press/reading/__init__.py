"""Documents as text: PDF, EPUB, DOCX and HTML files, read in a process of their own."""

from bookwright.press.reading.reader import probe_document, read_document

__all__ = ["probe_document", "read_document"]
