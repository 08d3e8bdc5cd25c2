"""How much of a job is in the making at the same time, over all its chapters and all workers."""

import hashlib
from contextlib import AbstractAsyncContextManager, nullcontext

from activities.sharing import Sharing
from bookwright.contracts.orders import BookContext, Track


class Permits:
    """The permits of jobs. They are leased as a provider's calls are, so a worker that dies gives its own back within
    seconds, and holding one costs Temporal nothing."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing

    def of(self, context: BookContext, track: Track) -> AbstractAsyncContextManager[None]:
        """One unit's permit, to be held while it is made. Nothing is held of a job without such a limit."""
        if context.scenes_at_once is None:
            return nullcontext()
        # A key of the store is short, and this one is in tables that belong to nobody: it names no book.
        job = hashlib.sha256(f"{context.owner_id}/{context.job_id}".encode()).hexdigest()
        name = f"{track} {job[:40]}"
        return self._sharing.slots(name, context.scenes_at_once, passing=True)
