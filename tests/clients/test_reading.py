"""Who writes sees the write, whatever the client: also while read models stand still."""

from tests.clients.node import Programs

LOG = {"consistency": {"source": "log"}}


async def test_what_was_written_is_read_where_nothing_is_projected(programs: Programs, unprojected: str) -> None:
    for number, client in enumerate(("apollo", "urql", "request", "sse"), start=1):
        told = await programs.run(f"reading-{client}", unprojected, name=client)

        written, seen = told["written"], told["seen"]
        customer = written["data"]["registerCustomer"]["customer"]
        assert told["noted"] == written["data"]["registerCustomer"]["position"]
        assert (seen["data"]["customer"]["name"], seen["data"]["customer"]["id"]) == (client, customer["id"])
        assert written["extensions"] == seen["extensions"] == LOG
        page = told["page"]["data"]["customers"]
        # Two events for each customer: its own, and that of the claim on the address.
        lacking = {"stale": True, "position": page["position"], "behind": 2 * number}
        assert page["totalCount"] == 0
        assert told["page"]["extensions"] == {"consistency": lacking}
        # Who says nothing of a position gets what is stored.
        assert told["missed"] == {"data": {"customer": None}}
        # Nor does a log that took another's place keep a client from reading for ever.
        assert (told["refused"], told["forgotten"]) == ("POSITION_UNKNOWN", "")


async def test_what_was_written_is_seen_by_a_query_equal_to_one_under_way(programs: Programs, unprojected: str) -> None:
    for client in ("apollo", "urql"):
        told = await programs.run(f"overtaking-{client}", unprojected, name=client)

        assert told["first"] is None
        assert told["next"]["name"] == "Berta"
