"""Answers that go on for long end when the key or session does that they are given to."""

import time

from starlette.types import Message, Send

from bookwright.contracts.access import Caller
from bookwright.store.access.credentials import GLANCE_S, Credentials


class Cut(Exception):
    """The rest of an answer is not sent: its reader may not have it any more."""


def while_allowed(credentials: Credentials, caller: Caller, send: Send) -> Send:
    """`send`, but raising Cut about a second after the caller's key was revoked, their session ended or they were
    deactivated, by whatever process. An answer that is sent at once is not asked about."""
    began = time.monotonic()

    async def sending(message: Message) -> None:
        goes_on = message.get("more_body", False) and time.monotonic() - began > GLANCE_S
        if goes_on and not await credentials.still_allowed(caller):
            raise Cut
        await send(message)

    return sending
