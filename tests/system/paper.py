"""What commands print, for tests to read."""

import io

from rich.console import Console


class Paper:
    """A console that keeps what is printed."""

    def __init__(self) -> None:
        self._text = io.StringIO()
        self.console = Console(file=self._text, width=250)

    @property
    def text(self) -> str:
        return self._text.getvalue()
