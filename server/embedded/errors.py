"""What can go wrong with an embedded server: one error, which says what to do next."""

from pathlib import Path

LOG_LINES = 15


class EmbeddedServerError(Exception):
    """An embedded database could not be started, joined or found.

    `problem` is what happened, `advice` what to do next, `log` the server's log file when it has
    something to say: its last lines are part of the message.
    """

    def __init__(self, problem: str, *, advice: str, log: Path | None = None) -> None:
        self.problem = problem
        self.advice = advice
        self.log = log
        self.log_tail = tail(log) if log is not None else ""
        parts = [problem, advice]
        if self.log_tail:
            parts.append(f"The end of {log}:\n{self.log_tail}")
        super().__init__("\n".join(parts))


def tail(log: Path, lines: int = LOG_LINES) -> str:
    """Return the last lines of a log, at most 4,000 characters; "" when there is none to read."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])[-4000:]
