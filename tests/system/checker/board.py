"""What clients of one shop know of one another: what there is, and how far anyone has been shown the log."""

from random import Random

from tests.system.checker.subjects import OVERVIEW, THE_SHOP, Model

RECENT = 60
"""Of so many documents of a model, the latest, one is picked."""


class Board:
    """Keys of documents, and the latest position that anyone was told."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._keys: dict[str, list[str]] = {OVERVIEW.name: [THE_SHOP.key]}
        self.latest_token = ""
        self.quiet = False
        """Whether all is over: nobody changes anything, nobody dawdles, and nobody leaves."""

    def add(self, model: Model, key: str) -> None:
        """There is a document."""
        self._keys.setdefault(model.name, []).append(key)

    def any(self, model: Model) -> str | None:
        """One of the latest documents of a model; None when there is none yet."""
        keys = self._keys.get(model.name)
        return self._random.choice(keys[-RECENT:]) if keys else None

    def told(self, token: str) -> None:
        """Somebody was told a position."""
        # Within one log the later position is the greater string.
        self.latest_token = max(self.latest_token, token)
