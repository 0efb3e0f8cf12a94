"""Root fields: how strawberry declares one whose arguments are only known when the schema is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Annotated, Any, Optional

import strawberry


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of a root type: how strawberry declares it, and what answers it.

    `resolve` is graphql-core's: it gets the root, the info, and the arguments by their public names, coerced and no more.
    """

    declared: Any
    resolve: Callable[..., Any]


def optional(annotation: Any, description: str) -> Any:
    """The annotation of an optional argument, with what it means."""
    return Annotated[Optional[annotation], strawberry.argument(description=description)]  # noqa: UP045


def declare(arguments: Mapping[str, Any], answer: Any, description: str | None) -> Any:
    """A strawberry field with these arguments by name: an annotation each, or an annotation and a default."""
    resolver = _shaped(_unset, arguments, answer)
    return strawberry.field(resolver=resolver, description=description)


async def _unset(**_: Any) -> Any:
    raise AssertionError("the resolvers of root fields are set when the schema is built")


def _shaped(function: Callable[..., Any], arguments: Mapping[str, Any], answer: Any) -> Callable[..., Any]:
    async def resolver(**given: Any) -> Any:
        return await function(**given)

    parameters = []
    for name, annotation in arguments.items():
        default: Any = Parameter.empty
        if isinstance(annotation, tuple):
            annotation, default = annotation
        elif _is_optional(annotation):
            default = strawberry.UNSET
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    resolver.__signature__ = Signature(parameters, return_annotation=answer)  # type: ignore[attr-defined]
    resolver.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": answer}
    return resolver


def _is_optional(annotation: Any) -> bool:
    inner = getattr(annotation, "__origin__", annotation)
    return type(None) in getattr(inner, "__args__", ())
