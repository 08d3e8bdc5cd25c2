"""What counts as a failure of a book, and what does not."""

import pytest
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError, TimeoutType

from workflows import durable
from workflows.durable import LOST_ROUNDS, once_it_is_back


def failed(cause: BaseException) -> ActivityError:
    """An activity's failure as a workflow sees it."""
    error = ActivityError(
        "activity failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="a worker",
        activity_type="Bind chapter",
        activity_id="1",
        retry_state=None,
    )
    error.__cause__ = cause
    return error


def timed_out(kind: TimeoutType) -> ActivityError:
    return failed(TimeoutError("timed out", type=kind, last_heartbeat_details=[]))


class Step:
    """Fails with each of the given errors in turn, then answers."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "made"


@pytest.fixture(autouse=True)
def outside_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "stop_if_cancelled", lambda: None)


async def test_a_step_outlives_the_workers_that_died_over_it() -> None:
    step = Step(*[timed_out(TimeoutType.HEARTBEAT)] * LOST_ROUNDS)
    assert await once_it_is_back(step) == "made"
    assert step.tries == LOST_ROUNDS + 1


async def test_a_step_that_kills_every_worker_is_given_up() -> None:
    step = Step(*[timed_out(TimeoutType.HEARTBEAT)] * (LOST_ROUNDS + 1))
    with pytest.raises(ActivityError):
        await once_it_is_back(step)


@pytest.mark.parametrize(
    "error", [timed_out(TimeoutType.START_TO_CLOSE), failed(ApplicationError("an encoder's own bug"))]
)
async def test_a_failure_of_its_own_is_not_tried_beyond_its_attempts(error: ActivityError) -> None:
    step = Step(error)
    with pytest.raises(ActivityError):
        await once_it_is_back(step)
    assert step.tries == 1
