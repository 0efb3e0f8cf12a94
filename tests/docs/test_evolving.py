"""Holds docs/evolving.md to the code: what it quotes stands in the file that it names."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/evolving.md").read_text()
QUOTES: list[tuple[str, str]] = re.findall(r"^`([\w/]+\.py)`\n```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_every_block_of_python_names_its_file() -> None:
    assert len(QUOTES) == GUIDE.count("```python") > 0


@pytest.mark.parametrize(("path", "quoted"), QUOTES)
def test_what_it_quotes_is_the_code(path: str, quoted: str) -> None:
    assert quoted in (ROOT / path).read_text()


@pytest.mark.parametrize("path", re.findall(r"`((?:tests|projections)/[\w/]+\.py)`", GUIDE))
def test_the_files_that_it_names_are_there(path: str) -> None:
    assert (ROOT / path).is_file()
