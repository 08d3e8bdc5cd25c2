"""The board of one job: its stages and chapters as the `status` query and the Temporal UI show them."""

from datetime import datetime

from bookwright.contracts.book import ChapterBrief, TrackState
from bookwright.contracts.orders import BookOrder
from bookwright.contracts.progress import ChapterStatus, StageChange, StageName, StageStatus, stages_for

SHOWN_CHAPTERS = 1_000
"""Chapters kept for the query; the store knows them all."""
BAR = 20


class Board:
    """Counts of a job, kept by its workflow. Every change is given the workflow's time."""

    def __init__(self, order: BookOrder, stages: tuple[StageStatus, ...] = ()) -> None:
        """`stages` are those that an earlier run has got on with."""
        self._order = order
        self._stages = {name: StageStatus(name=name) for name in stages_for(order)}
        self._stages.update({stage.name: stage for stage in stages})
        self._chapters: dict[int, ChapterStatus] = {}
        self._validated = StageName.VALIDATION in self._stages
        self._seen = StageName.READING in self._stages

    @property
    def stages(self) -> tuple[StageStatus, ...]:
        return tuple(self._stages.values())

    @property
    def chapters(self) -> tuple[ChapterStatus, ...]:
        return tuple(self._chapters.values())

    def __getitem__(self, name: StageName) -> StageStatus:
        return self._stages[name]

    def validated(self) -> None:
        """The book has a character sheet, against which its pictures are held."""
        self._validated = True
        self._show()

    def seen(self) -> None:
        """Some of the book's pages are read off their pictures."""
        self._seen = True
        self._show()

    def _show(self) -> None:
        shown = stages_for(self._order, validated=self._validated, seen=self._seen)
        self._stages = {name: self._stages.get(name, StageStatus(name=name)) for name in shown}

    def begin(self, name: StageName, total: int, now: datetime) -> None:
        """The stage begins (once) with `total` units."""
        stage = self._stages[name]
        if stage.started_at is None:
            self._stages[name] = stage.model_copy(
                update={"state": TrackState.PROCESSING, "total": total, "started_at": now}
            )

    def count(self, name: StageName, done: int = 0, failed: int = 0) -> None:
        """More of the stage's units have an outcome."""
        stage = self._stages[name]
        self._stages[name] = stage.model_copy(update={"done": stage.done + done, "failed": stage.failed + failed})

    def end(self, name: StageName, now: datetime, state: TrackState = TrackState.COMPLETED) -> None:
        """The stage ends."""
        self._stages[name] = self._stages[name].model_copy(update={"state": state, "completed_at": now})

    def change(self, name: StageName) -> StageChange:
        """The stage as it is to be written down."""
        stage = self._stages[name]
        return StageChange(name=name, state=stage.state, total=stage.total, done=stage.done, failed=stage.failed)

    def chapter(self, brief: ChapterBrief) -> None:
        """A chapter begins."""
        if len(self._chapters) < SHOWN_CHAPTERS:
            self._chapters[brief.number] = ChapterStatus(
                number=brief.number, title=brief.title[:80], pages=brief.pages, state=TrackState.PROCESSING
            )

    def chapter_ended(self, number: int, done: int, failed: int) -> None:
        """A chapter has an outcome for each of its pages."""
        if number in self._chapters:
            state = TrackState.FAILED if failed and not done else TrackState.COMPLETED
            self._chapters[number] = self._chapters[number].model_copy(
                update={"done": done, "failed": failed, "state": state}
            )

    def table(self) -> str:
        """The stages as a Markdown table with bars."""
        rows = ["| stage | | done | failed | of |", "|---|---|---|---|---|"]
        for stage in self._stages.values():
            full = BAR * (stage.done + stage.failed) // stage.total if stage.total else 0
            bar = "█" * min(full, BAR) + "░" * (BAR - min(full, BAR))
            rows.append(f"| {stage.name} | {bar} | {stage.done} | {stage.failed} | {stage.total or '–'} |")
        return "\n".join(rows)
