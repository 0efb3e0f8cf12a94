"""A signal between tasks: wakes everyone who waits, and is never relied upon."""

import asyncio


class Signal:
    """Wakes all waiters when set. Who waits also polls, so a signal that gets lost costs time and nothing else."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake everyone who waits now."""
        self._event.set()
        self._event = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """What to wait for: take it before looking, so that a signal between looking and waiting is not missed."""
        return self._event

    @staticmethod
    async def wait(ticket: asyncio.Event, seconds: float) -> None:
        """Waits for the signal, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await ticket.wait()
        except TimeoutError:
            return
