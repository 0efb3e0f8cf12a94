"""Texts without regard to case: what uniqueness, filters and the orders of names compare."""

import unicodedata


def folded(text: str) -> str:
    """`text` without regard to case and Unicode form: what uniqueness, filters and name orders compare."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
