"""Books' pronunciation lexicons: looked at, replaced, and spoken. The command line and the API share this."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bookwright.contracts.errors import BadInput, Conflict, UnknownLanguage
from bookwright.contracts.ids import BookId, OwnerId
from bookwright.contracts.lexicon import Lexicon, LexiconEntry, mark_of
from bookwright.contracts.orders import Track
from bookwright.contracts.ports.speech import SpeechEngine, TakesIpa, engines_for
from bookwright.contracts.progress import JobState
from bookwright.steering import Steering
from bookwright.store import Database, JobRow, JobStore
from bookwright.store.books.shelf import ShelfBook
from bookwright.store.lexicons.store import Lexicons, Mark
from bookwright.text.lexicon import Pronunciations


@dataclass(frozen=True)
class LexiconReport:
    """A book's lexicon, and the narrated pages that say words otherwise."""

    lexicon: Lexicon
    pages: Sequence[int]


class LexiconOrders:
    """What people can do with a book's lexicon."""

    def __init__(self, database: Database, jobs: JobStore, steering: Steering, speech: SpeechEngine) -> None:
        """`speech` are the engines that are chosen."""
        self._lexicons = Lexicons(database)
        self._jobs = jobs
        self._steering = steering
        self._speech = speech

    async def look(self, owner: OwnerId, book: BookId) -> LexiconReport:
        """How it stands."""
        lexicon = await self._lexicons.read(owner, book)
        return LexiconReport(lexicon, await self._lexicons.outdated(owner, book, marker(lexicon)))

    async def replace(
        self, owner: OwnerId, book: ShelfBook, entries: Sequence[LexiconEntry], expected: int | None = None
    ) -> LexiconReport:
        """Make these the book's entries. Nothing is spoken yet. Raises BadInput for an entry that not every engine can
        say, and Stale when the lexicon is not at the version `expected` any more."""
        self._check(entries, book.language)
        await self._lexicons.replace(owner, book.book_id, entries, expected)
        return await self.look(owner, book.book_id)

    async def check_free(self, owner: OwnerId, book: BookId) -> None:
        """Raise Conflict while a job makes the book: `apply` would."""
        newest = await self._jobs.newest_of(owner, book)
        if newest.state in (JobState.RUNNING, JobState.PAUSED):
            raise Conflict(
                f"job {newest.number} is making the book: the lexicon can be changed, and applied when the job has "
                "ended",
                field="apply",
            )

    async def apply(self, owner: OwnerId, book: BookId) -> JobRow | None:
        """Order the job that speaks the pages anew which say words otherwise, and only those; None when there are
        none. Raises Conflict while another job makes the book."""
        report = await self.look(owner, book)
        if not report.pages:
            return None

        async def drop() -> None:
            await self._lexicons.drop_outdated(owner, book, marker(report.lexicon))

        return await self._steering.redo(await self._jobs.newest_of(owner, book), Track.NARRATION, drop)

    def _check(self, entries: Iterable[LexiconEntry], language: str) -> None:
        """An engine that takes no IPA needs a respelling, also one that only stands in for others: else it would say
        the word as it is printed."""
        try:
            without = [one.provider for one in engines_for(self._speech, language) if not isinstance(one, TakesIpa)]
        except UnknownLanguage:  # the text was not read yet, and will be refused
            return
        for index, entry in enumerate(entries):
            if entry.respelling is None and without:
                raise BadInput(
                    f"{' and '.join(without)} can't be told a word in IPA: give a respelling too, in letters that "
                    "sound as the word does",
                    field=f"entries.{index}.respelling",
                )


def marker(lexicon: Lexicon) -> Mark:
    """What tells which of the lexicon's entries change how a text is said."""
    pronunciations = Pronunciations(lexicon.entries)
    return lambda text: mark_of(pronunciations.applied(text))
