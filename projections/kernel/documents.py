"""Documents: one class is the GraphQL type, the stored shape and the collection's validator.

    @document(many="products", stream="product",
              filters=(Filter("sku", folded=True), Filter("status")),
              orders=(OrderBy("name", ASC), OrderBy("price.amount", DESC, name="PRICE")),
              search=("name", "description"))
    class Product(StreamDocument):
        '''The catalogue entry.'''                    # the GraphQL description

        id: ProductId
        name: Annotated[str, Doc("What it is called.")]
        price: Money                                  # a @part: nested in the document, never stored alone

Fields are typed as folds want them (`datetime`, `Decimal`, enums, ids); `shapes` stores them as GraphQL answers them. A
path such as `"price.amount"` is written in the names of the class.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic.alias_generators import to_camel

from write_side.kernel.ids import Id
from write_side.kernel.positions import Position

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
Direction = Literal[1, -1]
ASC: Direction = 1
DESC: Direction = -1
Watch = Literal["one", "many"]

NOWHERE = Position("")
"""The position of a document that a fold has just made; the kernel sets the real one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that a page offers on the field at `path`. `folded`: compares without regard to case."""

    path: str
    name: str = ""
    folded: bool = False

    @property
    def public_name(self) -> str:
        """Its name in the filter's input type."""
        return self.name or to_camel(self.path.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class OrderBy:
    """An order that a page offers. Texts sort without regard to case, decimals as numbers; ties go by id."""

    path: str
    direction: Direction
    name: str = ""

    @property
    def public_name(self) -> str:
        """Its name in the order's enum: `PLACED_AT_DESC`."""
        stem = self.name or self.path.rpartition(".")[2].upper()
        return f"{stem}_{'ASC' if self.direction == ASC else 'DESC'}"


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """What a document class declares beside its fields.

    `many` names its collection's page query, if it has one; `one` says whether a query reads one by `id`, or by the id
    type `key` whose digits it shares; `singleton` is the id of the only one there is; `watch` names its subscriptions.
    """

    name: str
    many: str | None
    one: bool
    key: type[Id] | None
    singleton: Id | None
    stream: str | None
    filters: tuple[Filter, ...]
    orders: tuple[OrderBy, ...]
    search: tuple[str, ...]
    watch: frozenset[Watch]

    @property
    def collection(self) -> str:
        """The stem of the names of its collections."""
        return self.many or self.name[:1].lower() + self.name[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Base of all documents. `position` is the place in the log of the last event folded into it."""

    spec: ClassVar[DocumentSpec]

    position: Position = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamDocument(Document):
    """Base of documents of one stream. `version` is the stream's version that it reflects."""

    version: int = 0


D = TypeVar("D", bound=Document)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def part(cls: type[T]) -> type[T]:
    """Declares a class that is nested in documents: frozen, arguments by name."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def document(
    *,
    many: str | None = None,
    one: bool = True,
    key: type[Id] | None = None,
    singleton: Id | None = None,
    stream: str | None = None,
    filters: tuple[Filter, ...] = (),
    orders: tuple[OrderBy, ...] = (),
    search: tuple[str, ...] = (),
    watch: tuple[Watch, ...] = (),
) -> Callable[[type[D]], type[D]]:
    """Declares a document class: a frozen dataclass with a `spec`; see `DocumentSpec` for the arguments.

    Raises `TypeError` for a path that the class has not; for an order or a folded filter by what may be absent or is
    a list: each document must have one key for it; and for a filter by what is in lists of lists.
    """

    def declare(cls: type[D]) -> type[D]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.spec = DocumentSpec(cls.__name__, many, one, key, singleton, stream, filters, orders, search, frozenset(watch))
        for path in (*(f.path for f in filters), *search):
            field_type(made, path)
        for path in (*(f.path for f in filters if f.folded), *(o.path for o in orders)):
            _demand_one_value(made, path)
        for path in (f.path for f in filters):
            _demand_one_list(made, path)
        return made

    return declare


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field's type taken apart: `base` inside of `many` and `optional`, and the description in its annotation."""

    base: Any
    optional: bool
    many: bool
    description: str | None

    @property
    def is_part(self) -> bool:
        """Whether it is nested: a class with fields of its own."""
        return is_dataclass(self.base)

    @property
    def is_enum(self) -> bool:
        """Whether it is one of an enum's names."""
        return isinstance(self.base, type) and issubclass(self.base, Enum)

    @property
    def is_id(self) -> bool:
        """Whether it is an id."""
        return isinstance(self.base, type) and issubclass(self.base, Id)


def remembered(function: F) -> F:
    """Computes what a function of classes gives once for each. mypy takes no class for hashable, as `cache` wants it."""
    return cast("F", cache(function))


def field_types(cls: type[Any]) -> dict[str, FieldType]:
    """The fields of a document or part by attribute name; `id`, `version` and `position` first."""
    hints = get_type_hints(cls, include_extras=True)
    names = [field.name for field in fields(cls)]
    head = [name for name in ("id", "version", "position") if name in names]
    return {name: _taken_apart(hints[name]) for name in [*head, *(n for n in names if n not in head)]}


@remembered
def field_type(cls: type[Any], path: str) -> FieldType:
    """The type of the field at a dotted path; `many` when any step is a list. Raises `TypeError` when there is none."""
    many, found, owner = False, None, cls
    for name in path.split("."):
        found = field_types(owner).get(name) if is_dataclass(owner) else None
        if found is None:
            raise TypeError(f"{cls.__name__} has no field at {path}")
        many, owner = many or found.many, found.base
    assert found is not None
    return FieldType(found.base, found.optional, many, found.description)


def _demand_one_value(cls: type[Any], path: str) -> None:
    if any(step.many or step.optional for step in _steps(cls, path)):
        raise TypeError(f"{cls.__name__}.{path} is not one value in every document")


def _demand_one_list(cls: type[Any], path: str) -> None:
    if sum(step.many for step in _steps(cls, path)) > 1:
        raise TypeError(f"{cls.__name__}.{path} is in lists of lists")


def _steps(cls: type[Any], path: str) -> list[FieldType]:
    """The type of the field at each step of a path. Raises `TypeError` when there is none."""
    field_type(cls, path)
    steps, owner = [], cls
    for name in path.split("."):
        steps.append(field_types(owner)[name])
        owner = steps[-1].base
    return steps


@cache
def stored_path(path: str) -> str:
    """A path in the names of the class as a path in the names of the stored document."""
    return ".".join(to_camel(name) for name in path.split("."))


def _taken_apart(hint: Any) -> FieldType:
    optional = many = False
    description: str | None = None
    while True:
        origin, args = get_origin(hint), get_args(hint)
        if origin is Annotated:
            description = description or next((a.documentation for a in args[1:] if hasattr(a, "documentation")), None)
            hint = args[0]
        elif origin in (Union, UnionType):
            inner = [arg for arg in args if arg is not NoneType]
            if len(inner) != 1:
                raise TypeError(f"a document's field is one type or None, not {hint}")
            optional, hint = True, inner[0]
        elif origin is tuple:
            many, hint = True, args[0]
        else:
            return FieldType(hint, optional, many, description)
