"""Trials: one operation sent twice, with the ports' answers, executed as it is served and as graphql-core says."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from projections.kernel.projection import AnyProjection
from schema.execution import OnereadSchema
from tests.schema.operations.answers import Answers, Read, answers, behaviours
from tests.schema.operations.arguments import Draw
from tests.schema.operations.comparison import Observation, demand_equal, observed
from tests.schema.operations.operations import Kind, Request, requests
from tests.schema.operations.ports import Ports
from tests.schema.operations.vocabulary import Vocabulary, vocabulary
from write_side.kernel.domain import Domain

T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """A schema under test, with what is said to it."""

    name: str
    schema: OnereadSchema
    words: Vocabulary

    @classmethod
    def of(cls, name: str, schema: OnereadSchema, domain: Domain, projections: Sequence[AnyProjection]) -> "Subject":
        """The subject that is built from these classes."""
        return cls(name, schema, vocabulary(domain, projections))


@dataclass(frozen=True)
class Trial:
    """An operation as two clients send it, one after the other, and what the ports answer both."""

    kind: Kind
    requests: tuple[Request, Request]
    answers: Answers


@st.composite
def trials(draw: Draw, subject: Subject, kind: Kind) -> Trial:
    """Trials of one kind of operation."""
    sent = draw(requests(subject.schema._schema, subject.words, kind))
    behaviour = draw(behaviours())
    reads: dict[tuple[str, str], Read] = {}
    for request in sent:
        # What will be read decides what has to be answered.
        ports = Ports(behaviour, narrows=False)
        run(expected(subject.schema, request, ports))
        for read in ports.documents.reads:
            known = reads.setdefault((read.projection.name, repr(read.asked)), read)
            reads[read.projection.name, repr(read.asked)] = replace(known, fields=known.fields | read.fields)
    return Trial(kind, sent, draw(answers(behaviour, list(reads.values()))))


def demand_agreement(subject: Subject, trial: Trial) -> None:
    """Fails where the two executions of a trial do not agree, or where one changes what it was answered."""
    before = repr(trial.answers)
    for request in trial.requests:
        served = run(found(subject.schema, request, Ports(trial.answers, narrows=True)))
        oracle = run(expected(subject.schema, request, Ports(trial.answers, narrows=False)))
        demand_equal(served, oracle, serial=trial.kind == "mutation")
    assert repr(trial.answers) == before


async def found(schema: OnereadSchema, request: Request, ports: Ports) -> Observation:
    """What is served."""
    return await _observed(schema.execute, request, ports)


async def expected(schema: OnereadSchema, request: Request, ports: Ports) -> Observation:
    """What graphql-core answers."""
    return await _observed(schema.interpret, request, ports)


async def _observed(execute: Any, request: Request, ports: Ports) -> Observation:
    result = await execute(request.query, request.variables, ports.context, operation_name=request.operation_name)
    return observed(result, ports.heard)


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, on a loop of its own: hypothesis draws where no loop runs."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
