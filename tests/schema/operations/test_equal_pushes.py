"""Whatever is subscribed to and whatever changes: what is pushed is what graphql-core's own subscriptions answer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.schema.operations.pushing import demand_agreement, trials
from tests.schema.operations.subjects import SUBJECTS
from tests.schema.operations.test_equal_answers import EXAMPLES
from tests.schema.operations.trials import Subject


@pytest.mark.timeout(60 + EXAMPLES)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_what_is_pushed_is_what_graphql_core_answers(subject: Subject) -> None:
    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def property_(data: st.DataObject) -> None:
        demand_agreement(subject, data.draw(trials(subject)))

    property_()
