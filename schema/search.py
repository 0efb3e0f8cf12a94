"""Full-text search: from what a client typed to the words that a document must all contain."""

import re
import unicodedata

from schema.errors import BadUserInput

LONGEST = 200
"""Characters of a search."""

_WORDS = re.compile(r"[^\W_]+")


def words(text: str, argument: str = "search") -> tuple[str, ...]:
    """The runs of letters and digits in `text`, each once; none for a blank text. Raises `BadUserInput`."""
    if len(text) > LONGEST:
        raise BadUserInput(argument, f"may have at most {LONGEST} characters")
    if not text.strip():
        return ()
    found = tuple(dict.fromkeys(_WORDS.findall(unicodedata.normalize("NFC", text))))
    if not found:
        raise BadUserInput(argument, "has no word to search for")
    return found
