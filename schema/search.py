"""Full-text search: from what a client typed to the words that a document must all contain."""

import unicodedata

from schema.errors import BadUserInput

LONGEST = 200
"""Characters of a search."""


def _is_in_word(char: str) -> bool:
    """As MongoDB cuts words: letters, digits, underscores, and the marks that combine with them."""
    return char == "_" or char.isalnum() or unicodedata.category(char).startswith("M")


def words(text: str, argument: str = "search") -> tuple[str, ...]:
    """The words in `text`, each once; none for a blank text. Raises `BadUserInput`.

    MongoDB finds the documents that have one of them as a word, and of those keeps the ones that contain every one.
    """
    if len(text) > LONGEST:
        raise BadUserInput(argument, f"may have at most {LONGEST} characters")
    if not text.strip():
        return ()
    normal = unicodedata.normalize("NFC", text)
    cut = "".join(char if _is_in_word(char) else " " for char in normal)
    found = tuple(dict.fromkeys(word for word in cut.split() if any(char.isalnum() for char in word)))
    if not found:
        raise BadUserInput(argument, "has no word to search for")
    return found
