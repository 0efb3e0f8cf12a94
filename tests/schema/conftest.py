"""A schema of the library, on fakes."""

import pytest

from tests.schema.fakes import Api
from tests.schema.library import SCHEMA


@pytest.fixture
def api() -> Api:
    return Api(SCHEMA)
