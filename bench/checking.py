"""Answers are looked at before they are timed: a server that is quick and wrong is not measured."""

from typing import Any

import httpx
import orjson

from bench.load import BenchError
from bench.operations import CURSOR, Operation
from bench.shop import Shop

SAMPLES = 7
PATIENCE = 30.0
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def check_answers(server: str, url: str, operation: Operation, shop: Shop) -> None:
    """Raises `BenchError` unless some answers are what the shop's orders say.

    Each server is compared with the orders, and so with each other server.
    """
    numbers = operation.numbers(shop)
    for number in numbers[:: -(-len(numbers) // SAMPLES)]:
        response = httpx.post(
            url, content=operation.body(shop, number), headers=_HEADERS, timeout=PATIENCE, trust_env=False
        )
        expected = {"data": operation.answer(shop, number)}
        if response.status_code != 200 or _without_cursors(orjson.loads(response.content)) != expected:
            raise BenchError(
                f"{server} answers {operation.name} of {number} with {response.status_code} and\n{response.text[:2000]}\n"
                f"instead of\n{orjson.dumps(expected).decode()[:2000]}"
            )


def check_health(server: str, url: str) -> None:
    """Raises `BenchError` unless the API says that it can serve."""
    response = httpx.get(f"{url}/health", timeout=PATIENCE, trust_env=False)
    if response.status_code != 200:
        raise BenchError(f"{server} cannot serve; `--refill` fills the shop again:\n{response.text[:2000]}")


def _without_cursors(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: CURSOR if _is_cursor(name, part) else _without_cursors(part) for name, part in value.items()}
    return [_without_cursors(part) for part in value] if isinstance(value, list) else value


def _is_cursor(name: str, value: object) -> bool:
    return name == "endCursor" and isinstance(value, str) and value != ""
