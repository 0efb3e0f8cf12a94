"""Commands and documents in, GraphQL out: the types, the resolvers and the HTTP edge, all derived from classes.

Names no area and no read model: `build_schema` is handed a domain and projections, and what they declare is the API.
Imports the write side's and the projections' kernels, and nothing else of them.
"""
