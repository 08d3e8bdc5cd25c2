"""`voices` and `lexicon`."""

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.table import Table

from bookwright.cli.app import AsJson, Exit, out, print_json, run
from bookwright.cli.desk import Desk, desk
from bookwright.cli.makers import makers
from bookwright.contracts.errors import BadInput
from bookwright.contracts.lexicon import Lexicon, LexiconEntry
from bookwright.lexicons import LexiconOrders, LexiconReport
from bookwright.press.audio import Press
from bookwright.steering import Steering
from bookwright.store import JobRow, LedgerStore
from bookwright.store.books.shelf import Shelf
from bookwright.text.language import normalise_language
from bookwright.text.measure import expected_speech_ms
from bookwright.voices import VoiceSamples, chosen, offered

_LARGEST_FILE = 1_000_000
Words = Annotated[
    list[str] | None, typer.Option("--set", metavar="WORD=RESPELLING", help="How a word is said, in letters.")
]
Ipa = Annotated[list[str] | None, typer.Option("--ipa", metavar="WORD=IPA", help="How a word is said, in IPA.")]
Remove = Annotated[list[str] | None, typer.Option("--remove", metavar="WORD", help="Say a word as it is printed.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(voices)
    app.command()(lexicon)


def voices(
    language: Annotated[str, typer.Argument(help="BCP 47, such as en, hi or pt-BR.")],
    voice: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    sample: Annotated[Path | None, typer.Option(metavar="OUT", help="Have it say a sentence, into this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """The voices for a language, best first; the first is taken when an order names none. With --sample, what the first
    one, or the one of --voice, sounds like. Each sample is paid for once."""

    async def work() -> Exit:
        tag = normalise_language(language)
        async with desk() as opened, makers(opened.settings) as made:
            found = offered(made.speech, tag) if voice is None else [chosen(made.speech, tag, voice)]
            written: Path | None = None
            if sample is not None:
                budget = opened.settings.month_budget_micros
                ledger = LedgerStore(opened.database, opened.assets, month_budget=budget)
                samples = VoiceSamples(made.speech, ledger, opened.assets, Press(expected_speech_ms))
                heard = await samples.sample(opened.owner, tag, voice)
                written = await asyncio.to_thread(_write, heard.path, sample)
        if as_json:
            listed = [
                {**one.voice.model_dump(), "provider": one.engine.provider, "model": one.engine.model} for one in found
            ]
            print_json({"language": tag, "voices": listed, "sample": str(written) if written else None})
        else:
            table = Table("voice", "language", "name", "provider", box=None, padding=(0, 2))
            for one in found:
                table.add_row(one.voice.id, one.voice.language, one.voice.name, one.engine.provider)
            out.print(table)
            if written:
                out.print(f"{written}", markup=False)
        return Exit.DONE

    run(work, as_json=as_json)


def lexicon(
    book: Annotated[str, typer.Argument(help="The book's number or id.")],
    words: Words = None,
    ipa: Ipa = None,
    remove: Remove = None,
    file: Annotated[
        Path | None, typer.Option(help='All entries, as JSON: [{"word", "respelling", "ipa", "match_case"}].')
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Speak the pages anew that say words otherwise.")] = False,
    as_json: AsJson = False,
) -> None:
    """How words of a book are said. Without options, the entries and the pages that say them otherwise yet."""

    async def work() -> Exit:
        async with desk() as opened, makers(opened.settings) as made:
            orders = LexiconOrders(
                opened.database, opened.jobs, Steering(opened.jobs, opened.service.attach), made.speech
            )
            report, job = await _changed(opened, orders)
        document = {
            "entries": [entry.model_dump() for entry in report.lexicon.entries],
            "pages_to_speak": list(report.pages),
            "job": job.number if job else None,
        }
        if as_json:
            print_json(document)
        else:
            _show(report, job)
        return Exit.DONE

    async def _changed(opened: Desk, orders: LexiconOrders) -> tuple[LexiconReport, JobRow | None]:
        found = await Shelf(opened.database).book(opened.owner, book)
        report = await orders.look(opened.owner, found.book_id)
        if apply:
            await orders.check_free(opened.owner, found.book_id)
        if file or words or ipa or remove:
            base = await asyncio.to_thread(_read, file) if file else report.lexicon.entries
            entries = _with(base, _pairs(words, "set"), _pairs(ipa, "ipa"), remove or [])
            report = await orders.replace(opened.owner, found, entries, report.lexicon.version)
        return report, await orders.apply(opened.owner, found.book_id) if apply else None

    run(work, as_json=as_json)


def _with(
    entries: Sequence[LexiconEntry], words: Mapping[str, str], ipa: Mapping[str, str], remove: Sequence[str]
) -> tuple[LexiconEntry, ...]:
    """The entries with these changes. Raises BadInput."""
    gone = {word.casefold() for word in remove}
    if missing := gone - {entry.word.casefold() for entry in entries}:
        raise BadInput(f"there is no entry for {', '.join(sorted(missing))}", field="remove")
    kept: dict[str, dict[str, Any]] = {
        (entry.word if entry.match_case else entry.word.casefold()): entry.model_dump()
        for entry in entries
        if entry.word.casefold() not in gone
    }
    for name, said in (("respelling", words), ("ipa", ipa)):
        for word, how in said.items():
            kept.setdefault(word.casefold(), {"word": word})[name] = how
    return _lexicon(list(kept.values()), "set")


def _lexicon(entries: Any, field: str) -> tuple[LexiconEntry, ...]:
    try:
        return Lexicon.model_validate({"entries": entries}).entries
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{place}: {first['msg'].removeprefix('Value error, ')}", field=field) from None


def _pairs(given: Sequence[str] | None, field: str) -> dict[str, str]:
    pairs = {}
    for pair in given or []:
        word, equals, said = pair.partition("=")
        if not (word.strip() and equals and said.strip()):
            raise BadInput(f"--{field}: give a word and how it is said, such as Nguyen=nwin", field=field)
        pairs[word.strip()] = said.strip()
    return pairs


def _read(file: Path) -> tuple[LexiconEntry, ...]:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise BadInput("the file is too large for a lexicon", field="file")
        return _lexicon(json.loads(file.read_text("utf-8")), "file")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON in UTF-8"
        raise BadInput(f"the lexicon can't be read: {reason}", field="file") from None


def _write(sound: Path, target: Path) -> Path:
    try:
        shutil.copyfile(sound, target)
    except OSError as error:
        raise BadInput(f"the sample can't be written: {error.strerror}", field="sample") from None
    return target


def _show(report: LexiconReport, job: JobRow | None) -> None:
    table = Table("word", "respelling", "IPA", "case", box=None, padding=(0, 2))
    for entry in report.lexicon.entries:
        table.add_row(entry.word, entry.respelling or "", entry.ipa or "", "as it is" if entry.match_case else "any")
    out.print(table)
    pages = ", ".join(map(str, report.pages))
    if job:
        out.print(f"job {job.number} speaks the pages {pages} anew", markup=False)
    elif report.pages:
        out.print(f"pages that say words otherwise: {pages}. --apply speaks them anew", markup=False)
