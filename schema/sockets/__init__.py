"""GraphQL over WebSocket, in the protocol graphql-transport-ws.

After https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md.
"""
