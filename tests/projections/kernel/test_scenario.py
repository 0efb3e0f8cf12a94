"""Scenarios: the log in memory."""

from datetime import UTC, datetime, timedelta

import pytest

from projections.kernel.scenario import OPENED, POSITIONS, Recorder, fold_all, given
from tests.projections.kernel.library import BOOKS, EMMA, EMMA_BOUGHT, PERSUASION, BookRetitled


def test_positions_count_the_log_and_versions_the_stream() -> None:
    log = Recorder()
    log.record("book", EMMA, EMMA_BOUGHT)
    log.record("book", PERSUASION, EMMA_BOUGHT)
    log.record("book", EMMA, BookRetitled(title="E."))

    assert [(e.position, e.kind, e.key, e.version) for e in log.events] == [
        (1, "book", EMMA, 1),
        (2, "book", PERSUASION, 1),
        (3, "book", EMMA, 2),
    ]
    assert len({e.event_id for e in log.events}) == 3


def test_time_passes_unless_told() -> None:
    log = Recorder()
    first, second = log.record("book", EMMA, EMMA_BOUGHT), log.record("book", PERSUASION, EMMA_BOUGHT)
    assert second.occurred_at - first.occurred_at == timedelta(minutes=1)
    told = datetime(2025, 12, 24, tzinfo=UTC)
    assert log.record("book", EMMA, BookRetitled(title="E."), at=told).occurred_at == told


def test_given_and_when_are_one_fold() -> None:
    log = Recorder()
    first, second = log.record("book", EMMA, EMMA_BOUGHT), log.record("book", EMMA, BookRetitled(title="E."))
    assert given(BOOKS, first).when(second) == given(BOOKS, first, second)
    assert fold_all(BOOKS, log.events, POSITIONS, OPENED) == given(BOOKS, *log.events).documents


def test_a_document_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        given(BOOKS).document(EMMA)
