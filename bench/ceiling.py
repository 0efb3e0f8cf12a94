"""The ceiling: answers that are there already, from a Starlette application on uvicorn.

A route per operation reads the request's body, as whatever answers a POST must, and sends the same bytes each time. What
stands between this and the API is what GraphQL and the database cost.
"""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def constant_app(answers: Mapping[str, bytes]) -> Starlette:
    """An application that answers each name's path with its bytes of JSON."""
    return Starlette(routes=[_route(name, answer) for name, answer in answers.items()])


def _route(name: str, answer: bytes) -> Route:
    async def constant(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    return Route(f"/{name}", constant, methods=["POST"])
