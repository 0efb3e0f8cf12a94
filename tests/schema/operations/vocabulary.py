"""What a client may write where a schema asks for a leaf: ids that lead somewhere, tokens, dates, texts of all kinds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLNamedType
from hypothesis import strategies as st

from projections.kernel.projection import AnyProjection, Key
from schema import cursors
from schema.names import lower_first
from tests.schema.fakes import HEAD, at
from tests.schema.library import DIGITS
from write_side.kernel.domain import Domain
from write_side.kernel.ids import Id

TEXTS = (
    "Emma",
    "ann@example.com",
    "EUR",
    "GB",
    "",
    "two words",
    'a "quoted" \\ text',
    "two\nlines\t\r",
    "Zoë ☃ 😀 \u2028",
    "{ $v @skip(if: true) } # '''",
)
DECIMALS = ("12.50", "1", "0", "-0.005", "9" * 20)
MOMENTS = ("2026-01-31T12:00:00Z", "1999-12-31t23:59:59.123456789+14:00", "2026-01-31 12:00:00-05:00")
DAYS = ("2026-01-31", "1815-12-23")
TOKENS = (*(at(0), at(50), at(51), at(HEAD)) * 3, at(HEAD + 1), "7", "f" * 12 + at(1)[12:])
INTS = (*(1, 2, 3, 20, 100) * 3, 0, -1, 101, 2**31 - 1, -(2**31))
STRANGE_IDS = ("", "x", "xyz_1", "__typename", "boo_É")


@dataclass(frozen=True)
class Vocabulary:
    """The words of one API: ids by the name of the argument or root field that wants them, cursors by their root field.

    Most words lead somewhere: a read that is refused for its arguments compares nothing of its answer.
    """

    ids: Mapping[str, tuple[str, ...]]
    cursors: Mapping[str, tuple[str, ...]]

    def leaf(self, type_: GraphQLNamedType, within: tuple[str, ...]) -> st.SearchStrategy[Any]:
        """JSON values that a scalar or enum takes, asked for at the names `within`, outermost first."""
        if isinstance(type_, GraphQLEnumType):
            return st.sampled_from(sorted(type_.values))
        words: tuple[Any, ...] | None = {
            "Boolean": {"skip": (False, False, True), "include": (True, True, False)}.get(within[0], (False, True)),
            "Int": INTS,
            "DateTime": MOMENTS,
            "Date": DAYS,
            "Decimal": DECIMALS,
            "Position": TOKENS,
        }.get(type_.name)
        if words is not None:
            return st.sampled_from(words)
        if type_.name == "ID":
            return self._id(within)
        if within[-1] in ("after", "before"):
            return st.sampled_from(self.cursors.get(within[0], ()) * 9 + TEXTS)
        return st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)

    def _id(self, within: tuple[str, ...]) -> st.SearchStrategy[Any]:
        fitting = next((self.ids[name] for name in reversed(within) if name in self.ids), ())
        every = tuple(dict.fromkeys(text for texts in self.ids.values() for text in texts))
        other: tuple[Any, ...] = (*every, *STRANGE_IDS, 7)
        return st.sampled_from(fitting * 9 + other) if fitting else st.sampled_from(every * 3 + other)


def vocabulary(domain: Domain, projections: Iterable[AnyProjection]) -> Vocabulary:
    """The words of an API that is built from these classes."""
    ids: dict[str, tuple[str, ...]] = {}
    made: dict[str, tuple[str, ...]] = {}
    for kind in domain.kinds:
        ids[lower_first(kind.key.__name__)] = _some(kind.key)
    for projection in projections:
        spec = projection.spec
        own = (str(spec.singleton),) if spec.singleton is not None else _some(projection.id_type)
        ids[lower_first(spec.name)] = ids[lower_first(projection.id_type.__name__)] = own
        ids[f"{lower_first(spec.name)}Changed"] = own
        if spec.many is not None:
            # The first order is the one that nobody has to name.
            made[spec.many] = tuple(cursors.encode(projection, order, ("1", Key(own[0]))) for order in spec.orders[:1])
    return Vocabulary(ids, made)


def _some(id_type: type[Id]) -> tuple[str, ...]:
    if id_type.pattern is not Id.pattern:
        return (f"{id_type.prefix}_2026-01-31_EUR",)
    return (f"{id_type.prefix}_{DIGITS}", f"{id_type.prefix}_{DIGITS[::-1].upper()}")
