"""An application on fakes whose sockets are quick to lose patience."""

import pytest

from schema.http import GraphQLApp
from schema.sockets.limits import SocketLimits
from tests.schema.fakes import Api
from tests.schema.library import LIBRARY

LIMITS = SocketLimits(init_seconds=0.1, operations=3, stalled_seconds=0.1)


@pytest.fixture
def app(api: Api) -> GraphQLApp:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    return GraphQLApp(api.schema, api.services, sockets=LIMITS)
