"""How `make test` divides the tests between processes: a plugin, `-p tests.dividing` beside pytest-xdist's options.

What is long begins first, so that no process is left with it when the others are done; where tests share what is slow to
make, one process has all of them; every other test goes to whoever is free.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LONG = ("tests/system/", "tests/bench/", "tests/server/", "tests/clients/", "tests/docs/")
"""Where tests take many seconds, the longest first."""

TOGETHER = ("tests/system/test_storefront.py", "tests/clients/", "tests/docs/")
"""Where tests share what npm installs, or a copy of the project."""


class Division(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist tells no types
    """Hands out the tests in their order, those of a place that is to stay together at once."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts first what is long."""
    items.sort(key=lambda item: next((at for at, place in enumerate(LONG) if item.nodeid.startswith(place)), len(LONG)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Division:
    """Divides them as above."""
    return Division(config, log)
