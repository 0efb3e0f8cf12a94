"""docs/clients.md shows what runs here: its code is that of the recipes, and its operations are valid."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/clients.md").read_text()

SHOWN: dict[str, str] = dict(re.findall(r"^`([\w/.-]+\.mjs)`\n```js\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
"""The code that the guide shows, by the path above it."""

OPERATIONS: list[str] = re.findall(r"^```graphql\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_every_recipe_is_shown_as_it_runs() -> None:
    recipes = (ROOT / "tests/clients/recipes").glob("*.mjs")

    assert {str(recipe.relative_to(ROOT)): recipe.read_text() for recipe in recipes} == SHOWN
    assert len(SHOWN) == GUIDE.count("```js")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_valid(operation: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())

    assert validate(schema, parse(operation)) == []
