"""The same over HTTP: the body that a client gets, byte by byte, and the header that says where it wrote."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.contexts import REQUEST_ID
from schema.demands import HEADER, WAIT
from schema.http import POSITION, GraphQLApp
from tests.schema.operations.asgi import post
from tests.schema.operations.comparison import Observation, comparable, demand_equal
from tests.schema.operations.operations import Kind, Request
from tests.schema.operations.ports import Ports
from tests.schema.operations.subjects import SUBJECTS
from tests.schema.operations.test_equal_answers import EXAMPLES
from tests.schema.operations.trials import Subject, expected, run, trials
from write_side.kernel.outcomes import Caller


@pytest.mark.timeout(60 + EXAMPLES)
@pytest.mark.parametrize("kind", ["query", "mutation"])
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_the_body_is_what_graphql_core_answers(subject: Subject, kind: Kind) -> None:
    @settings(
        max_examples=max(EXAMPLES // 4, 10),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def property_(data: st.DataObject) -> None:
        trial = data.draw(trials(subject, kind))
        for request in trial.requests:
            served = run(_served(subject, request, Ports(trial.answers, narrows=True)))
            oracle = Ports(trial.answers, narrows=False)
            wanted = run(expected(subject.schema, request, oracle))
            # The header has one place: the last.
            wanted.heard["appended"][:] = sorted(wanted.heard["appended"])[-1:]
            demand_equal(served, wanted, serial=kind == "mutation")

    property_()


async def _served(subject: Subject, request: Request, ports: Ports) -> Observation:
    app = GraphQLApp(subject.schema, ports.services, callers=lambda _, __, request_id: Caller("ann", request_id))
    body = {"query": request.query, "variables": request.variables, "operationName": request.operation_name}
    headers = {REQUEST_ID: ports.context.request_id, "Accept": "application/json"}
    if ports.context.at_least is not None:
        headers[HEADER] = ports.context.at_least
    if ports.context.wait is not None:
        headers[WAIT] = ports.context.wait
    status, answered, content = await post(app, body, headers)
    found = orjson.loads(content)
    assert status == 200
    # Each key once, and no byte more than it takes.
    assert orjson.dumps(found) == content
    assert [name for name in ("errors", "data", "extensions") if name in found] == list(found)
    heard = {**ports.heard, "appended": [answered[POSITION.lower()]] if POSITION.lower() in answered else []}
    data = comparable(orjson.dumps(found.get("data")))
    extensions = orjson.dumps(found.get("extensions")).decode()
    return Observation(data, extensions, found.get("errors", []), heard, "data" not in found)
