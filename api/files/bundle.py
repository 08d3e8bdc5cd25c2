"""All files of a book that are bound by now in one ZIP, of a book whose order had no bundle, or is not finished."""

from fastapi import Request, Response

from api.deps import Backend
from api.files.editions import download, missing, zip_answer, zip_name
from bookwright.contracts.book import TrackState
from bookwright.contracts.editions import Lacking
from bookwright.contracts.errors import NotFound
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.orders import Edition
from bookwright.store.books.shelf import ShelfPageText
from bookwright.text.manifest import contents
from bookwright.text.wording import wording


async def download_bundle(request: Request, backend: Backend, owner: OwnerId, book_id: BookId) -> Response:
    """The bundle that was ordered, or else the files that there are, with their checksums and a manifest that says what
    is missing. Raises NotFound while there is none."""
    files = await backend.books.files(owner, book_id)
    if not files:
        raise NotFound("the book has no such file")
    if any(file.edition is Edition.BUNDLE for file in files):
        return await download(request, backend, owner, book_id, "bundle.zip", None)
    book = await backend.shelf.facts(owner, book_id)
    bound = {file.edition for file in files}
    lacking: set[int] = set()
    for edition in bound:
        mine = [file for file in files if file.edition is edition]
        lacking.update(await missing(backend, owner, book.book_id, mine))
    pages = {page.number: page for page in await backend.shelf.texts(owner, book.book_id, 1, max(book.pages, 1))}
    language = book.language or "en"
    said = Lacking(
        pages={number: _reason(pages[number], language) for number in sorted(lacking) if number in pages},
        editions=tuple(one for one in book.editions if one not in bound),
    )
    about = book.model_dump(include={"book_id", "title", "author", "language", "pages", "chapters"})
    texts, names = contents(about, book.updated_at, files, said)
    return await zip_answer(request, backend, files, names, texts, zip_name(book.title, Edition.BUNDLE), said.pages)


def _reason(page: ShelfPageText, language: str) -> str:
    words = wording(language)
    if page.trouble:
        return words.unread(page.trouble)
    unmade = page.state in (TrackState.PENDING, TrackState.PROCESSING)
    return words.unmade if unmade else words.untold(page.error)
