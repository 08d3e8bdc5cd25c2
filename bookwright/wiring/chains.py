"""The chains of engines behind each capability, and how much of their work a worker takes at once."""

from collections.abc import Sequence
from typing import TypeVar

from activities.chain import Chain, Link
from activities.sharing import Sharing
from activities.slots import Slots
from bookwright.contracts.ports.engines import Engine, LanguageModel, RemoteJobs, Transcriber
from bookwright.providers.choice import Chosen, Engines
from bookwright.settings import Capability

E = TypeVar("E", bound=Engine)


def lookers(sharing: Sharing, chosen: Engines) -> Chain[LanguageModel]:
    """Who looks at pictures: those who are set to, or else the models that write, as far as they see."""
    seeing = chosen.vision or [each for each in chosen.text if each.engine.sees]
    return chain_of(sharing, Capability.VISION if chosen.vision else Capability.TEXT, seeing)


def batches_at_once(chosen: Sequence[Chosen[E]]) -> int:
    """More batches than the provider takes calls, also when each has one page only: while one's last call is answered,
    the next one's pages are already read. Not many more, since each waits with a heartbeat."""
    most = max((_concurrency(each) for each in chosen), default=1)
    return most + max(most // 2, 1)


def chapters_at_once(chosen: Sequence[Chosen[Transcriber]], of_one_book: int) -> int:
    """The same for chapters that are written down. A provider that works on a job for minutes counts the requests that
    create some and not what is under way: as many wait for their jobs as a book has chapters in work."""
    remote = any(isinstance(each.engine, RemoteJobs) for each in chosen)
    return max(batches_at_once(chosen), of_one_book if remote else 1)


def _concurrency(each: Chosen[E]) -> int:
    return each.account.concurrency or each.engine.concurrency


def chain_of(sharing: Sharing, capability: Capability, chosen: Sequence[Chosen[E]]) -> Chain[E]:
    """The engines of a capability with what limits each: all workers together, unless it runs on this machine."""

    def limit(each: Chosen[E]) -> Slots:
        if not each.account.remote:
            return Slots(_concurrency(each))
        # Providers count by model, and one's queue is not to stand before another's. A model's own name may be longer
        # than a key of the store.
        return sharing.slots(f"{each.engine.provider} {capability}", _concurrency(each), each.account.pace)

    return Chain([Link(each.engine, limit(each), each.account.deadline) for each in chosen], capability.variable)
