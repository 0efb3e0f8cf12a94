"""Real Postgres and MongoDB servers on a data directory, for those who bring none of their own.

>>> with embedded_servers(Path(".oneread")) as urls:  # doctest: +SKIP
...     serve(urls.postgres, urls.mongo)
"""

from server.embedded.errors import EmbeddedServerError
from server.embedded.ownership import DatabaseUrls
from server.embedded.servers import EmbeddedServers, embedded_servers

__all__ = ["DatabaseUrls", "EmbeddedServerError", "EmbeddedServers", "embedded_servers"]
