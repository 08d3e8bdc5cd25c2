"""How often and how long each kind of work is tried. Declared here once; nothing else sets a retry or a time-out.

Attempts count real failures: a rate limit, an exhausted quota or a budget makes an activity answer `Deferred`, and a
worker that died makes the batch be scheduled anew.
"""

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from bookwright.contracts.errors import PERMANENT
from bookwright.contracts.outside import LEASE_S
from bookwright.contracts.queues import Queue

HEARTBEAT = timedelta(seconds=2.5)
"""After a kill, what was under way is begun again this long after the last beat, and a second of backing off."""
WORKFLOW_TASK = timedelta(seconds=2)
"""How long a workflow task may take before another worker gets it; after a kill nothing moves for this long."""

SHORT_STEP = timedelta(seconds=10)
"""How long a read or write of the store may take. It has no heartbeat: what a killed or frozen worker had in hand is
given to another one only after this time."""


HEAD_START = timedelta(seconds=0.2)
"""How long a book's first chapter is alone, when it is long: as long as it takes to have its first pages under way."""


class Policy(TypedDict):
    """The options of one kind of activity."""

    task_queue: str
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta | None
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


class LocalPolicy(TypedDict):
    """The options of an activity that is done within a workflow task."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy
    local_retry_threshold: timedelta
    cancellation_type: ActivityCancellationType


def _retry(attempts: int, first_s: float) -> RetryPolicy:
    """`attempts` in all, waiting `first_s`, then twice as long each time."""
    return RetryPolicy(
        initial_interval=timedelta(seconds=first_s),
        backoff_coefficient=2.0,
        maximum_attempts=attempts,
        non_retryable_error_types=PERMANENT,
    )


def _making(queue: Queue, first_s: float) -> Policy:
    """A batch of pages with its provider calls: 3 attempts, `first_s` and twice as many seconds apart."""
    return Policy(
        task_queue=queue,
        start_to_close_timeout=timedelta(hours=2),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=_retry(3, first_s),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


def _giving_up(queue: Queue) -> Policy:
    """That pages failed must be written down: until the store takes it."""
    return Policy(
        task_queue=queue,
        start_to_close_timeout=timedelta(minutes=5),
        heartbeat_timeout=None,
        retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


NARRATION = _making(Queue.SPEECH, 1)
ANALYSIS = _making(Queue.TEXT, 1)
WRITING = _making(Queue.TEXT, 1)
VISION = _making(Queue.TEXT, 1)
ILLUSTRATION = _making(Queue.IMAGES, 1)
VALIDATION = _making(Queue.IMAGES, 1)
SOUNDSCAPE = _making(Queue.SOUNDS, 2)
TRANSCRIPTION = _making(Queue.TRANSCRIPTION, 1)
TRANSCRIPTION["start_to_close_timeout"] = timedelta(hours=8)
SUMMARY = _making(Queue.TEXT, 1)
TAGS = _making(Queue.TEXT, 1)
EMBEDDING = _making(Queue.TEXT, 1)
GIVE_UP = _giving_up(Queue.SPEECH)
GIVE_TRANSCRIPT_UP = _giving_up(Queue.TRANSCRIPTION)
GIVE_ANALYSIS_UP = _giving_up(Queue.TEXT)
GIVE_READING_UP = _giving_up(Queue.TEXT)
GIVE_PICTURES_UP = _giving_up(Queue.IMAGES)
GIVE_VALIDATION_UP = _giving_up(Queue.IMAGES)
GIVE_SOUNDS_UP = _giving_up(Queue.SOUNDS)
GIVE_SCENES_UP = _giving_up(Queue.BOOKS)

OUTSIDE = Policy(
    task_queue=Queue.BOOKS,
    start_to_close_timeout=timedelta(hours=24),
    heartbeat_timeout=timedelta(seconds=LEASE_S),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=8),
        non_retryable_error_types=PERMANENT,
    ),
    cancellation_type=ActivityCancellationType.TRY_CANCEL,  # nobody is there who would answer
)
"""A step that waits for an outside worker, for as long as it takes: attempts that nobody claimed, or whose claimer was
lost, are none that failed. Whoever reports a failure counts those, and ends it with the last."""

READING = Policy(
    task_queue=Queue.BOOKS,
    start_to_close_timeout=timedelta(minutes=30),
    heartbeat_timeout=HEARTBEAT,
    retry_policy=_retry(3, 1),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)

SCENES = Policy(
    task_queue=Queue.BOOKS,
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=HEARTBEAT,
    retry_policy=_retry(3, 1),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""Finding scenes reads and writes the store: 3 attempts, exponential."""

BINDING = Policy(
    task_queue=Queue.PRESS,
    start_to_close_timeout=timedelta(hours=6),
    heartbeat_timeout=HEARTBEAT,
    retry_policy=_retry(3, 1),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)

SURVEY = Policy(
    task_queue=Queue.PRESS,
    start_to_close_timeout=timedelta(hours=2),
    heartbeat_timeout=HEARTBEAT,
    retry_policy=_retry(3, 1),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""A recording is decoded once from its beginning to its end."""

STORE = Policy(
    task_queue=Queue.BOOKS,
    start_to_close_timeout=SHORT_STEP,
    heartbeat_timeout=None,
    retry_policy=_retry(3, 1),
    cancellation_type=ActivityCancellationType.TRY_CANCEL,
)
"""A short read or write of the store: 3 attempts, exponential."""

RECORD = Policy(
    task_queue=Queue.BOOKS,
    start_to_close_timeout=SHORT_STEP,
    heartbeat_timeout=None,
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=30),
        non_retryable_error_types=PERMANENT,
    ),
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""What people wanted of a job must be written down: until the store takes it."""

CLOSE = LocalPolicy(
    start_to_close_timeout=SHORT_STEP,
    retry_policy=RECORD["retry_policy"],
    local_retry_threshold=timedelta(seconds=1),  # a store that is away longer is waited for in Temporal
    cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)
"""How a job ended well must be written down, too."""

DELIVERY = Policy(
    task_queue=Queue.DELIVERY,
    start_to_close_timeout=timedelta(seconds=40),
    heartbeat_timeout=None,
    retry_policy=RECORD["retry_policy"],
    cancellation_type=ActivityCancellationType.TRY_CANCEL,
)
"""One attempt to deliver, whose outcome is an answer however it went: only a store that is away, or a worker that died,
has it made again."""
DELIVERY_WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 300, 1800, 3600, 7200, 14400, 28800, 28800))
"""Between the attempts to deliver: ten within a day."""
