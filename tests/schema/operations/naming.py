"""Response names: which a field may have without conflict, as the rule OverlappingFieldsCanBeMerged sees it."""

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, is_leaf_type

from tests.schema.operations.arguments import named

ALIASES = (
    "a", "b", "_", "__", "d", "e", "i", "k", "x", "doc", "key", "self", "path", "data", "item", "value", "result", "errors",
    "class", "None", "True", "def", "lambda", "in", "is", "async", "match", "__init__", "__class__", "__typename", "list",
    "dict", "len", "isinstance", "id", "null", "true", "query", "fragment", "on", "type", "nodes", "version",
)  # fmt: skip
"""Aliases such as generated code could have for names of its own, and names that mean something elsewhere."""


class ResponseNames:
    """Who has which response name, in a whole document: two selections that could merge must mean the same.

    Types that cannot be one at run time may share a name for different leaves of one type.
    """

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._meanings: dict[str, dict[str, str]] = {}

    def takes(self, name: str, parent: GraphQLNamedType, field: GraphQLField, meaning: str) -> bool:
        """Whether `name` can stand for a field of `parent`; it does from now on if so. `meaning`: field and arguments."""
        type_, meanings = str(field.type), self._meanings.get(name, {})
        if self._types.get(name, type_) != type_:
            return False
        if any(known != meaning and _may_meet(parent, other, field) for other, known in meanings.items()):
            return False
        self._types[name] = type_
        self._meanings.setdefault(name, {})[_who(parent, field)] = meaning
        return True


def _who(parent: GraphQLNamedType, field: GraphQLField) -> str:
    return parent.name if isinstance(parent, GraphQLObjectType) and is_leaf_type(named(field.type)) else ""


def _may_meet(parent: GraphQLNamedType, other: str, field: GraphQLField) -> bool:
    return not other or _who(parent, field) in ("", other)
