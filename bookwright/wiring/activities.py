"""The activity objects, each with what stands behind its ports, by the task queues that their work is taken from."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from activities.analysis import Analysis
from activities.answers import Answers
from activities.authors import Authors
from activities.batchwork import BatchWork
from activities.binding import Binding
from activities.buying import Buyer
from activities.describing import Describing
from activities.drawing import Drawing
from activities.illustration import Illustration
from activities.ingesting import Ingesting
from activities.looking import Looking
from activities.narration import Narration
from activities.outside import Outside
from activities.permits import Permits
from activities.reading import Reading
from activities.records import Records
from activities.rewriting import Rewriting
from activities.scenes import SceneFinding
from activities.scoring import Scoring
from activities.sharing import Sharing
from activities.sounding import Sounding
from activities.soundscapes import Soundscapes
from activities.transcribing import Transcribing
from activities.validation import Validation
from activities.vision import Vision
from activities.writing import Handed, Writing
from bookwright.batching import Batching
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.orders import Edition
from bookwright.contracts.queues import Queue
from bookwright.failpoints import failpoints
from bookwright.press.answers import Answers as DrawnAnswers
from bookwright.press.audio import Press
from bookwright.press.bundle import Bundler
from bookwright.press.deferred import DeferredArtist, DeferredPress, cover_artist, epub_press, pdf_press
from bookwright.press.examining import Pictures, Sounds
from bookwright.press.gauging import Gauge
from bookwright.press.reading.documents import Documents
from bookwright.press.recordings.press import Recordings
from bookwright.providers.choice import Engines, Voices
from bookwright.providers.handed import HandedPictures
from bookwright.settings import Capability, Settings
from bookwright.store import Assets, Database
from bookwright.store.ingestion.outside import OutsideStore
from bookwright.store.ingestion.store import IngestionStore
from bookwright.store.scenes.store import SceneStore
from bookwright.store.stories.store import WritingStore
from bookwright.telemetry.tracing import provider_call
from bookwright.text.measure import expected_speech_ms
from bookwright.text.policy import AllOf, PolicyModerator
from bookwright.webhooks import webhook_urls
from bookwright.wiring.chains import chain_of, lookers
from bookwright.wiring.counting import open_stores

if TYPE_CHECKING:
    from bookwright.telemetry.metrics import WorkerMeter

SPARE_READERS = 3
"""Processes that are kept ready for documents: a scanned book has one read it and two draw its first pages at once."""


def activities_by_queue(
    settings: Settings,
    queues: Sequence[Queue],
    database: Database,
    assets: Assets,
    chosen: Engines,
    sharing: Sharing,
    handed: HandedPictures,
    batching: Batching,
    meter: "WorkerMeter | None",
) -> dict[Queue, list[Callable[..., Any]]]:
    """What there is to do on each queue; on that of the press only when it is one of `queues`."""
    fail = failpoints(settings.failpoints)
    books, ledger = open_stores(settings, database, assets, meter)
    press = Press(expected_speech_ms)
    writings = WritingStore(database, assets)
    voices = Voices([each.engine for each in chosen.speech])
    documents = Documents(spare=SPARE_READERS)
    seeing = lookers(sharing, chosen)
    reading = Reading(books, assets, voices, documents, writings, sees=bool(seeing))
    records = Records(books, ledger)
    buyer = Buyer(ledger, assets, fail, provider_call, webhook_urls(settings))
    speech = chain_of(sharing, Capability.SPEECH, chosen.speech)
    text = chain_of(sharing, Capability.TEXT, chosen.text)
    images = chain_of(sharing, Capability.IMAGES, chosen.images)
    sounds = chain_of(sharing, Capability.SOUNDS, chosen.sounds)
    transcription = chain_of(sharing, Capability.TRANSCRIPTION, chosen.transcription)
    embeddings = chain_of(sharing, Capability.EMBEDDINGS, chosen.embeddings)
    narration = Narration(speech, buyer, books, assets, press)
    authors = Authors(text, seeing, buyer, assets, AllOf([PolicyModerator()]))
    writing = Writing(authors, books, assets, writings, Handed(handed, Pictures()))
    rewriting = Rewriting(authors, books, assets, writings)
    analysis = Analysis(text, buyer, books, assets, writings)
    looking = Looking(seeing, buyer, assets, Gauge())
    vision = Vision(seeing, buyer, books, assets, documents)
    permits = Permits(sharing)
    drawing = Drawing(images, looking, buyer, assets, Pictures(), permits)
    illustration = Illustration(drawing, books, assets)
    validation = Validation(drawing, looking, Gauge(), permits, books, assets)
    sounding = Sounding(sounds, buyer, assets, Sounds())
    scenes = SceneStore(database, assets)
    scoring = Scoring(sounding, books, assets)
    batch_work = BatchWork(batching)
    finding = SceneFinding(scenes, assets, sounding)
    soundscapes = Soundscapes(scenes, sounding)
    ingestions, recordings = IngestionStore(database, assets), Recordings()
    ingesting = Ingesting(books, ingestions, assets, recordings)
    left = settings.outside
    transcribing = Transcribing(
        transcription, buyer, ingestions, assets, recordings, outside=StepKind.TRANSCRIBE in left
    )
    describing = Describing(authors, embeddings, buyer, ingestions, assets, outside=left)
    outside = Outside(ingestions, OutsideStore(database))
    activities: dict[Queue, list[Callable[..., Any]]] = {
        Queue.BOOKS: [
            reading.read,
            reading.plan,
            records.chapters,
            records.stages,
            records.hold,
            records.raise_budget,
            records.close,
            finding.find,
            finding.give_up,
            finding.tally,
            *batch_work.all(),
            ingesting.open,
            ingesting.plan,
            ingesting.step,
            ingesting.write,
            outside.transcribe,
            outside.describe,
        ],
        Queue.SPEECH: [narration.speak, narration.give_up],
        Queue.TEXT: [
            analysis.analyse,
            analysis.give_up,
            vision.read_pages,
            vision.give_up,
            writing.characters,
            writing.sheet,
            writing.outline,
            writing.chapter,
            writing.put_together,
            rewriting.rewrite,
            describing.summarize,
            describing.tag,
            describing.embed,
        ],
        Queue.TRANSCRIPTION: [transcribing.transcribe, transcribing.give_up],
        Queue.IMAGES: [illustration.illustrate, illustration.give_up, validation.validate, validation.give_up],
        Queue.SOUNDS: [scoring.score, scoring.give_up, soundscapes.make, soundscapes.give_up],
    }
    if Queue.PRESS in queues:
        presses = {Edition.EPUB: DeferredPress(epub_press), Edition.PDF: DeferredPress(pdf_press)}
        binding = Binding(books, assets, press, presses, Bundler(), DeferredArtist(cover_artist), fail)
        answers = Answers(DrawnAnswers(), books, assets)
        activities[Queue.PRESS] = [binding.bind_chapter, binding.bind_edition, answers.draw, ingesting.survey]
    return activities
