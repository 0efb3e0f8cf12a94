"""Fills a shop with the example history, through the real commands."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from server.demo.history import Step
from write_side.kernel.commands import Command
from write_side.kernel.errors import OnereadError
from write_side.kernel.outcomes import Caller, Outcome, Refused


class Executes(Protocol):
    """What runs the commands: the bus."""

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        """The outcome of a command."""
        ...


class HistoryRefused(OnereadError):
    """The shop refused a command of the example history. Carries the step and the refusals."""

    def __init__(self, step: Step, refused: Refused) -> None:
        super().__init__(f"{step.command} was refused: {'; '.join(refusal.message for refusal in refused.refusals)}")
        self.step = step
        self.refused = refused


async def fill(
    bus: Executes,
    commands: Mapping[str, type[Command]],
    steps: Sequence[Step],
    progress: Callable[[], None],
) -> None:
    """Executes `steps` in order, each at its time; `progress` is called after each. Raises `HistoryRefused`."""
    for step in steps:
        command = commands[step.command].model_validate(step.input)
        caller = Caller(actor="demo", correlation_id="demo", occurred_at=step.at)
        outcome = await bus.execute(command, caller)
        if isinstance(outcome, Refused):
            raise HistoryRefused(step, outcome)
        progress()
