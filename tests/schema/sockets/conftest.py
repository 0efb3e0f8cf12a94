"""Applications on fakes: one whose sockets have patience, and those that a test waits for to lose it."""

from dataclasses import replace

import pytest

from schema.http import GraphQLApp
from schema.sockets.limits import SocketLimits
from tests.schema.fakes import Api
from tests.schema.library import LIBRARY

PATIENT = SocketLimits(init_seconds=60, operations=3, stalled_seconds=60)
SHORT = 0.2
"""Seconds until patience is lost where it is waited for."""


@pytest.fixture
def app(api: Api) -> GraphQLApp:
    return _app(api, PATIENT)


@pytest.fixture
def hasty(api: Api) -> GraphQLApp:
    """Does not wait long for hello."""
    return _app(api, replace(PATIENT, init_seconds=SHORT))


@pytest.fixture
def strict(api: Api) -> GraphQLApp:
    """Does not wait long for a client that does not read."""
    return _app(api, replace(PATIENT, stalled_seconds=SHORT))


def _app(api: Api, limits: SocketLimits) -> GraphQLApp:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    return GraphQLApp(api.schema, api.services, sockets=limits)
