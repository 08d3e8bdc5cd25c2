"""Steps of an audiobook that are left to outside workers: offered, claimed with a token, and reported on."""

from enum import StrEnum

from pydantic import Field

from bookwright.contracts.base import Payload
from bookwright.contracts.ids import BookId
from bookwright.contracts.ingestion import StepKind
from bookwright.contracts.orders import BookContext

LEASE_S = 300
"""An outside worker that is not heard of for so long has lost its step. It is also the heartbeat time-out of the
activity that waits, which is what offers the step anew."""
ATTEMPTS = 3
"""Reports of failure after which a step is a dead letter."""
OUTSIDE = (StepKind.TRANSCRIBE, StepKind.SUMMARIZE, StepKind.TAG)
"""The steps that can be left to others. Vectors can't: they have to be of the model that questions are asked with."""


class OutsideState(StrEnum):
    """How an offered step stands."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    REPORTED = "reported"
    """Its token is used up: by a result, or by a failure after which the step is offered anew."""


class OutsideTask(Payload):
    """The single argument of the activity that offers a step and waits for its end."""

    context: BookContext
    kind: StepKind
    chapter: int = Field(default=0, ge=0)
    """The one that is to be transcribed; 0 is the book."""
    last: int = 0
    """Of a summary and of tags: the chapters up to this one are what they are made from."""
    basis: int = 0
    """How many of these have words."""


class OutsideStep(Payload):
    """A step that was claimed."""

    step_id: str
    book_id: BookId
    task: OutsideTask
    temporal_token: bytes = Field(repr=False)
    """Names the activity that waits."""
    failures: int
