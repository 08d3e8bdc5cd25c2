"""What keeps an activity alive, as its end comes."""

import asyncio

import pytest

from activities.heartbeat import heartbeating


async def test_a_cancellation_that_comes_as_the_work_ends_is_not_lost() -> None:
    async def work() -> None:
        async with heartbeating():
            await asyncio.sleep(0)
            asyncio.get_running_loop().call_soon(working.cancel)

    working = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await working
