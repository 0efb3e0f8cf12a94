"""The GraphiQL page: the same one from local files and, where there are none, from a CDN."""

import html
import json
import re
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from strawberry.http.ides import get_graphql_ide_html

from server.graphiql.files import ASSETS, FILES, PublishedFile, installed

MOUNT = "/graphiql"
EXAMPLES = Path(__file__).with_name("examples")
TEMPLATE = Path(__file__).with_name("page.html")


def graphiql_page(endpoint: str, *, assets: Path = ASSETS) -> str:
    """Return the page, as HTML. It speaks to `endpoint`, the path (or URL) of the GraphQL API.

    With all of GraphiQL's files in `assets` it loads nothing from the internet, and expects them where
    `graphiql_assets` serves them.
    """
    addresses = {file: f"{MOUNT}/{file.name}" for file in FILES} if installed(assets) else cdn_addresses()
    return (
        TEMPLATE.read_text()
        .replace("<!-- styles -->", _tags(".css", addresses))
        .replace("<!-- scripts -->", _tags(".js", addresses))
        .replace("/* endpoint */", _script_json(endpoint))
        .replace("/* examples */", _script_json(examples()))
    )


def graphiql_assets(*, assets: Path = ASSETS) -> Mount | None:
    """Return the route that serves GraphiQL's files, or None when they come from the CDN."""
    if not installed(assets):
        return None
    return Mount(MOUNT, StaticFiles(directory=assets), name="graphiql")


def examples() -> list[str]:
    """Return the operations that the page has ready, one for each tab, in their order."""
    return [path.read_text() for path in sorted(EXAMPLES.glob("*.graphql"))]


def cdn_addresses() -> dict[PublishedFile, str]:
    """Return where the same files are on the internet: where strawberry's own page loads them from."""
    loaded = re.findall(r'(?:src|href)="([^"]+)"\s+integrity="([^"]+)"', get_graphql_ide_html(graphql_ide="graphiql"))
    by_integrity = {integrity: address for address, integrity in loaded}
    return {file: by_integrity[file.integrity] for file in FILES}


def _tags(suffix: str, addresses: dict[PublishedFile, str]) -> str:
    chosen = [(file, address) for file, address in addresses.items() if file.name.endswith(suffix)]
    return "\n    ".join(_tag(file, html.escape(address)) for file, address in chosen)


def _tag(file: PublishedFile, address: str) -> str:
    checked = f'integrity="{file.integrity}" crossorigin="anonymous"'
    if file.name.endswith(".css"):
        return f'<link rel="stylesheet" href="{address}" {checked} />'
    return f'<script src="{address}" {checked}></script>'


def _script_json(value: object) -> str:
    # As it stands inside a script element: "</script>" in a text must not end it.
    return json.dumps(value).replace("<", "\\u003c")
