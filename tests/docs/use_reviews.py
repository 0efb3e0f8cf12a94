"""Uses what docs/extending.md adds: a program for a copy of the project that has it, so that only the copy is imported.

Takes the guide's mutation and its query, works on the databases of the environment, prints the answers as JSON.
"""

import asyncio
import json
import sys
from typing import Any

import httpx

from server.api import build_app
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import migrate, open_backend, reacting
from tests.system.orders import a_customer, a_product

OTHER_WAYS = """
query OtherWays($id: ID!, $atLeast: Position) {
  node(id: $id, atLeast: $atLeast) { __typename id }
  productRatings(search: "teapot", orderBy: BEST_DESC, atLeast: $atLeast) { edges { node { productId stars } } }
}
"""


BALANCE = "query Balance($id: ID!) { customer(id: $id) { walletBalance { amount currencyCode } } }"
PATIENCE = 20.0
"""How long the voucher may take at most, in seconds."""


async def use(review: str, ratings: str) -> dict[str, Any]:
    """The answers, by what was asked."""
    settings = Settings()
    assert settings.postgres_url is not None
    assert settings.mongo_url is not None
    urls = DatabaseUrls(postgres=settings.postgres_url, mongo=settings.mongo_url)
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as backend, reacting(backend, settings):
        transport = httpx.ASGITransport(build_app(backend, settings))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:

            async def ask(query: str, at_least: str = "", **variables: Any) -> Any:
                headers = {"oneread-at-least": at_least} if at_least else {}
                body = {"query": query, "variables": variables}
                return (await client.post("/graphql", json=body, headers=headers)).json()

            who = {"product": await a_product(backend, units=1), "customer": await a_customer(backend)}
            bad = review.replace("stars: 4", "stars: 1").replace("Keeps the tea hot.", "Bad.")
            refused = await ask(bad, **who)
            accepted = await ask(review, **who)
            rating = who["product"].replace("prd_", "rat_")
            position = accepted["data"]["reviewProduct"]["position"]
            answers = {
                **who,
                "refused": refused,
                "accepted": accepted,
                "ratings": await ask(ratings, position, id=rating),
                "other ways": await ask(OTHER_WAYS, id=rating, atLeast=position),
            }
            disappointed = await a_customer(backend)
            await ask(bad.replace("Bad.", "It does not keep the tea hot."), product=who["product"], customer=disappointed)
            async with asyncio.timeout(PATIENCE):
                while (found := await ask(BALANCE, id=disappointed))["data"]["customer"]["walletBalance"] is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            return {**answers, "voucher": found["data"]["customer"]["walletBalance"]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(use(*sys.argv[1:]))))
