"""GraphQL over HTTP, as the audits of npm's graphql-http check it."""

from tests.clients.node import Programs


async def test_every_audit_of_graphql_over_http_is_passed(programs: Programs, shop: str) -> None:
    audits = await programs.run("audits", shop)

    assert len(audits) == 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []
