"""Typed search attributes. Visible in the Temporal UI and usable in `temporal workflow list --query`."""

from temporalio.common import SearchAttributeKey

BOOK_ID = SearchAttributeKey.for_keyword("BookId")
USER_ID = SearchAttributeKey.for_keyword("UserId")
BOOK_KIND = SearchAttributeKey.for_keyword("BookKind")
BOOK_STAGE = SearchAttributeKey.for_keyword("BookStage")

ALL = (BOOK_ID, USER_ID, BOOK_KIND, BOOK_STAGE)
