"""What is asked of providers of text, pictures, sounds, transcripts and vectors, and what they answer.

Tasks are plain JSON values and asset ids: they become a provider call's canonical input, so a task that is worded the
same is the same call and is bought once. Bytes travel beside them.
"""

from typing import Any

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.depicting import Depiction, PlacedThing, SoundSketch
from bookwright.contracts.ids import AssetId


class Bought(Payload):
    """What every provider's answer says of itself."""

    cost_micros: int = Field(default=0, ge=0)
    external_id: str | None = Field(default=None, max_length=200)
    """The provider's own name for the call."""


class TextTask(Payload):
    """Something to be written, or to be read off pictures, by a language model."""

    purpose: str
    """What it is for, such as `story` or `page_text`: the operation in the ledger and the price table."""
    prompt: str
    system: str | None = None
    answer_schema: dict[str, Any] | None = None
    """A JSON Schema (type `object`); None for free text. The answer's `data` then keeps to it."""
    pictures: tuple[AssetId, ...] = ()
    """What the model is to look at; their bytes are handed over with the call, in this order."""
    max_output_tokens: int = Field(default=8_192, ge=1)
    temperature: float = Field(default=0.7, ge=0, le=2)
    seed: int | None = None
    material: dict[str, Any] = Field(default_factory=dict)
    """What the prompt was made of, for an engine that composes instead of understanding words. No part of the call of
    one that does (`worded`)."""

    def worded(self) -> dict[str, Any]:
        """The canonical input of a call to an engine that understands words."""
        return self.model_dump(mode="json", exclude={"purpose", "material"})


class WrittenText(Bought):
    """A language model's whole answer: never cut, never blocked."""

    text: str
    data: dict[str, Any] | None = None
    """The answer as JSON that keeps to the task's schema; None when there was no schema."""
    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    """Those that were billed, thoughts included."""


class PictureTask(Payload):
    """A picture to be made."""

    prompt: str
    aspect: str = Field(default="1:1", pattern=r"^\d{1,2}:\d{1,2}$")
    """Width to height."""
    references: tuple[AssetId, ...] = ()
    """Pictures that show how somebody or something looks; their bytes are handed over with the call."""
    seed: int | None = None
    depiction: Depiction | None = None
    """What the prompt says, as data (see `TextTask.material`)."""

    def worded(self) -> dict[str, Any]:
        """The canonical input of a call to an engine that understands words."""
        return self.model_dump(mode="json", exclude={"depiction"})


class DrawnPicture(Bought):
    """A picture as its provider encodes it. Not yet decoded: whoever buys it examines it."""

    picture: bytes = Field(repr=False)
    media_type: str
    placed: tuple[PlacedThing, ...] = ()
    """Where the things to be found are, from an engine that knows it."""
    composed: bool = False
    """Whether it was put together from what was drawn for the purpose, so that nothing unfit can be in it: said by our
    own painter only. Others' pictures for children are looked at before they are used."""


class SoundTask(Payload):
    """An ambient sound to be made."""

    prompt: str
    """One line: what is heard, such as `soft rain on leaves, distant thunder`."""
    seconds: float = Field(gt=0, le=600)
    loop: bool = True
    """Whether its end should lead into its beginning."""
    seed: int | None = None
    sketch: SoundSketch | None = None
    """What the prompt says, as data (see `TextTask.material`)."""


class MadeSound(Bought):
    """A sound as its provider encodes it. Not yet decoded: whoever buys it examines it."""

    sound: bytes = Field(repr=False)
    media_type: str


class HeardWord(Payload):
    """One word or mark of a transcript."""

    text: str
    """As it is to be read, punctuation included, without blanks around it."""
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    confidence: float | None = Field(default=None, ge=0, le=1)


class Transcript(Bought):
    """What was heard in a recording."""

    language: str
    """BCP 47, as the provider found it or was told."""
    words: tuple[HeardWord, ...]
    """In the order of time; empty for silence or music."""
    paragraphs: tuple[int, ...] = ()
    """Indexes into `words` at which the provider begins a paragraph; empty when it says nothing of them."""


class TranscriptionTask(Payload):
    """A recording to be written down."""

    recording: AssetId
    """Its bytes are handed over as a local file."""
    duration_ms: int = Field(gt=0)
    language: str | None = None
    """BCP 47; None lets the provider find it."""


class Vectors(Bought):
    """One vector a text, all of one length, each of length 1."""

    vectors: tuple[tuple[float, ...], ...] = Field(repr=False)


class Verdict(Payload):
    """Whether something may be in a book."""

    allowed: bool
    categories: tuple[str, ...] = ()
    """What speaks against it, such as `violence`; empty when it is allowed."""
    reason: str = ""
    """For people; never repeats the text."""


class RemoteState(Payload):
    """How a job stands that runs at a provider (a prediction, a transcription)."""

    external_id: str
    ended: bool
    error: str | None = None
    """Why it ended without an answer: a category, never the provider's own text."""
    cost_micros: int | None = Field(default=None, ge=0)
    """None while it is not known."""
