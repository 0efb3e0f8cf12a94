"""What fails reaches every client as what it is: refusals in the payload, codes in the errors."""

from tests.clients.node import Programs

GRAPHQL, EVENTS = "application/graphql-response+json", "text/event-stream"

ANSWERS: dict[str, list[list[object]]] = {
    # All of them name this type first, and take the status for what it says.
    "apollo": [["POST", 200, GRAPHQL]] * 3 + [["POST", 400, GRAPHQL]] + [["POST", 200, GRAPHQL]] * 2,
    "urql": [["POST", 200, GRAPHQL]] * 2 + [["GET", 200, GRAPHQL], ["GET", 400, GRAPHQL]] + [["GET", 200, GRAPHQL]] * 2,
    "request": [["POST", 200, GRAPHQL]] * 3 + [["POST", 400, GRAPHQL]] + [["POST", 200, GRAPHQL]] * 2,
    "sse": [["POST", 200, EVENTS]] * 6,
    "ws": [],
}
"""Per client, how it was answered: method, status and type."""


async def test_refusals_and_codes_reach_the_client(programs: Programs, shop: str) -> None:
    for client, answers in ANSWERS.items():
        told = await programs.run(f"failing-{client}", shop, name=client)

        [refusal] = told["userErrors"]
        assert (refusal["code"], refusal["path"]) == ("ALREADY_EXISTS", ["email"])
        assert told["executed"] == ["BAD_USER_INPUT"]
        assert told["invalid"] == ["GRAPHQL_VALIDATION_FAILED"]
        assert told["tooMany"] == ["BAD_USER_INPUT"]
        assert told["missing"] == {"customer": None}
        assert told["answers"] == answers
