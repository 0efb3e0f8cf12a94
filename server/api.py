"""The ASGI application: GraphQL, GraphiQL, health, and the storefront where there is one."""

from functools import cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from schema.build import build_schema
from schema.execution import OnereadSchema
from schema.http import GraphQLApp
from schema.ports import Services
from schema.sdl import sdl
from schema.sockets.limits import SocketLimits
from server.graphiql import graphiql_assets, graphiql_page
from server.health import Checkup
from server.settings import Settings
from server.shop import DOMAIN, PROJECTIONS
from server.storefront import BUILT, storefront
from server.wiring import Backend

GRAPHQL = "/graphql"


@cache
def graphql_schema() -> OnereadSchema:
    """The schema of what this server serves."""
    return build_schema(DOMAIN, PROJECTIONS)


def schema_text() -> str:
    """The schema as SDL."""
    return sdl(graphql_schema())


def build_app(backend: Backend, settings: Settings, *, built: Path = BUILT) -> ASGIApp:
    """The application on a backend that is running. `built` is where the storefront is, if it was built."""
    services = Services(
        commands=backend.bus,
        log=backend.log,
        documents=backend.documents,
        freshness=backend.checkpoints,
        replays=backend.replays,
        changes=backend.changes,
        served=backend.serving,
        statuses=backend.statuses,
        patience=settings.fresh_wait,
    )
    graphql = GraphQLApp(
        graphql_schema(),
        services,
        page=lambda: graphiql_page(GRAPHQL),
        body_limit=settings.max_body_bytes,
        allowed_origins=settings.allowed_origins,
        sockets=SocketLimits(settings.socket_init, settings.socket_operations, settings.socket_stalled),
    )

    checkup = Checkup(PROJECTIONS, backend.log, backend.collections.held, backend.serving, backend.statuses)

    async def health(_: Request) -> Response:
        found = await checkup.health()
        return JSONResponse(found.as_json(), status_code=200 if found.serves else 503)

    async def ready(_: Request) -> Response:
        found = await checkup.readiness()
        return JSONResponse(found.as_json(), status_code=200 if found.is_ready else 503)

    async def home(_: Request) -> Response:
        return RedirectResponse(GRAPHQL)  # 307: a POST stays one, with its body

    routes: list[BaseRoute] = [
        *(storefront(built=built) or [Route("/", home)]),
        Route(f"{GRAPHQL}/", home, methods=["GET", "POST"]),
        Route("/health", health),
        Route("/health/ready", ready),
    ]
    if (assets := graphiql_assets()) is not None:
        routes.append(assets)
    others = Starlette(routes=routes)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # In front of the router and its middleware: they take as long as all the rest of a read by id.
        await (graphql if scope.get("path") == GRAPHQL else others)(scope, receive, send)

    return app
