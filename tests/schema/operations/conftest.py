"""What the tests of operations share."""

import logging
from collections.abc import Iterator

import pytest

from server.shop import PROJECTIONS
from tests.schema import library
from tests.schema.operations.stored import samples


@pytest.fixture(autouse=True, scope="session")
def _sampled() -> None:
    """Makes the documents before any test: one property is not to draw inside of another."""
    for projection in (*library.PROJECTIONS, *PROJECTIONS):
        samples(projection)


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Damaged documents are errors of ours, which the log gets in full: thousands of them are not worth writing."""
    loggers = [logging.getLogger(name) for name in ("schema.errors", "schema.reading")]
    for logger in loggers:
        logger.disabled = True
    yield
    for logger in loggers:
        logger.disabled = False
