"""The databases of a process that the benchmarks start: from the environment, as Oneread's own commands have them."""

from bench.load import BenchError
from server.embedded import DatabaseUrls
from server.settings import Settings


def databases() -> tuple[Settings, DatabaseUrls]:
    """What the environment says. Raises `BenchError` unless it names both databases."""
    settings = Settings()
    if settings.postgres_url is None or settings.mongo_url is None:
        raise BenchError("this needs ONEREAD_POSTGRES_URL and ONEREAD_MONGO_URL")
    return settings, DatabaseUrls(settings.postgres_url, settings.mongo_url)
