"""GraphiQL: the page to try the API on, from local files where there are some."""

from server.graphiql.page import graphiql_assets, graphiql_page

__all__ = ["graphiql_assets", "graphiql_page"]
