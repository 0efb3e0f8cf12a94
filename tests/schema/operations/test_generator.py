"""The generator itself: it makes valid operations of everything there is, and answers that are worth comparing."""

from collections import Counter
from itertools import product

from graphql import GraphQLError, is_object_type
from hypothesis import HealthCheck, Phase, given, seed, settings
from strawberry.types.graphql import OperationType

from schema.execution import OnereadSchema
from tests.schema.operations.features import SYNTAX, features
from tests.schema.operations.operations import Kind
from tests.schema.operations.ports import Ports
from tests.schema.operations.subjects import SUBJECTS
from tests.schema.operations.trials import Subject, Trial, expected, run, trials

TRIALS = 80
"""Of each schema and kind."""

KINDS: tuple[Kind, ...] = ("query", "mutation")
OUTCOMES = {
    *("nothing left", "answer with errors", "several errors", "error below the root", "error in a list"),
    *("rejected", "accepted", "refused"),
    *("fresh documents", "from the log", "stale", "several that asked", "degraded"),
}


def test_everything_is_generated() -> None:
    everything: Counter[str] = Counter()
    for subject, kind in product(SUBJECTS, KINDS):
        seen = _seen(subject, kind)
        fields = _fields(subject.schema, kind)
        assert len(fields - seen.keys()) <= len(fields) / 2
        # Where graphql-core serves as well, or all is an error, little is compared.
        assert seen["compiled"] > TRIALS / 20
        everything += seen

    assert everything["valid"] >= 0.95 * everything["trials"]
    assert set(everything) >= SYNTAX | OUTCOMES


def _seen(subject: Subject, kind: Kind) -> Counter[str]:
    """How many trials had what."""
    seen: Counter[str] = Counter()

    @seed(1)
    @settings(max_examples=TRIALS, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(trials(subject, kind))
    def collect(trial: Trial) -> None:
        seen["trials"] += 1
        seen.update(_syntax(subject.schema, trial))
        seen.update(_answers(subject.schema, trial))

    collect()
    return seen


def _syntax(schema: OnereadSchema, trial: Trial) -> set[str]:
    request = trial.requests[0]
    try:
        prepared = schema.operations.prepare(request.query)
    except GraphQLError:
        return set()
    if prepared.errors:
        return set()
    return {"valid"} | features(schema._schema, prepared.document, request.variables)


def _answers(schema: OnereadSchema, trial: Trial) -> set[str]:
    ports = Ports(trial.answers, narrows=False)
    found = run(expected(schema, trial.requests[0], ports))
    paths = [error.get("path") or [] for error in found.errors]
    request, again = trial.requests[0], Ports(trial.answers, narrows=True)
    served = run(
        schema.answer(request.query, request.variables, again.context, request.operation_name, frozenset(OperationType))
    )
    seen = {
        "compiled": isinstance(served, bytes),
        "rejected": found.is_rejected,
        "whole answer": not found.errors and len(found.data) > 30,
        "answer with errors": bool(paths) and found.data != "null",
        "nothing left": found.data == "null" and not found.is_rejected,
        "several errors": len(paths) > 1 and not found.is_rejected,
        "error below the root": any(len(path) > 1 for path in paths),
        "error in a list": any(isinstance(step, int) for path in paths for step in path),
        "accepted": '"userErrors":[]' in found.data or bool(ports.context.appended),
        "fresh documents": '{"source":"documents"}' in found.extensions,
        "from the log": '{"source":"log"}' in found.extensions,
        "stale": '"stale":true' in found.extensions,
        "degraded": '"degraded":' in found.extensions,
        "several that asked": '"fields"' in found.extensions,
        "refused": (bool(ports.commands.executed) and not ports.context.appended) or "INVALID_INPUT" in found.data,
    }
    return {name for name, holds in seen.items() if holds}


def _fields(schema: OnereadSchema, kind: Kind) -> set[str]:
    """The root fields of a kind."""
    root = schema._schema.query_type if kind == "query" else schema._schema.mutation_type
    assert is_object_type(root)
    return {f"{root.name}.{name}" for name in root.fields}
