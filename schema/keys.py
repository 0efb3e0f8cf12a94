"""Keys of documents, as arguments name them."""

from projections.kernel.projection import Key
from schema.arguments import Given
from schema.errors import BadUserInput
from write_side.kernel.ids import Id, MalformedId


def parsed_key(id_type: type[Id], given: Given, argument: str) -> Key:
    """The key that an argument spells. Raises `BadUserInput`."""
    try:
        return Key(id_type.parse(given[argument]))
    except MalformedId as error:
        raise BadUserInput(argument, str(error)) from None
