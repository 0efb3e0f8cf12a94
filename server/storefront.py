"""The example storefront, for browsers: what was built from `examples/storefront`, where it was built."""

from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parents[1] / "examples" / "storefront" / "dist"
"""Where `make storefront` builds it. An installed package has no examples, and so no storefront."""

FRESH = "no-cache"
"""For the page, which names the other files: asked for each time, and sent only if it has changed."""

FOR_EVER = "public, max-age=31536000, immutable"
"""For the files under assets, whose names change with what is in them."""


def storefront(*, built: Path = BUILT) -> list[Route]:
    """Return the routes that serve the storefront, its page at `/`. None where it is not built."""
    if not (built / "index.html").is_file():
        return []
    site = _Site(directory=built, html=True)
    return [Route("/", site), Route("/assets/{path:path}", site)]


class _Site(StaticFiles):
    """Files that say how long they may be kept."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = Path(full_path).parent.name == "assets"
        response.headers["Cache-Control"] = FOR_EVER if hashed else FRESH
        return response
