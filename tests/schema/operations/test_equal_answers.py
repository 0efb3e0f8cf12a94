"""Whatever is asked and whatever the store holds: what is served is what graphql-core answers, errors included."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schema.operations.operations import Kind
from tests.schema.operations.subjects import SUBJECTS
from tests.schema.operations.trials import Subject, demand_agreement, trials

EXAMPLES = int(os.environ.get("ONEREAD_TEST_OPERATIONS", "100"))
"""Operations per schema and kind. Set the variable to look longer."""


@pytest.mark.timeout(60 + EXAMPLES)
@pytest.mark.parametrize("kind", ["query", "mutation"])
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_what_is_served_is_what_graphql_core_answers(subject: Subject, kind: Kind) -> None:
    @settings(
        max_examples=EXAMPLES if kind == "query" else EXAMPLES // 2,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def property_(data: st.DataObject) -> None:
        demand_agreement(subject, data.draw(trials(subject, kind)))

    property_()
