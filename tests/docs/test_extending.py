"""Follows docs/extending.md word for word in a copy of the project, and uses what it adds over GraphQL."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/extending.md").read_text()
PARTS = ("write_side", "projections", "schema", "server", "tests", "docs", "pyproject.toml")

FILES: dict[str, str] = dict(re.findall(r"^`([\w/]+\.py)`\n```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
"""What the guide says to write, by path: each block of code under a line that is a path."""

OPERATIONS: list[str] = re.findall(r"^```graphql\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


class Copy:
    """A copy of the project in which the guide was followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            source, target = ROOT / part, folder / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "assets"))
            else:
                shutil.copy2(source, target)
        for path, text in FILES.items():
            file = folder / path
            assert not file.exists(), f"the guide would overwrite {path}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def run(self, *arguments: str, **environment: str) -> str:
        """What Python prints in the copy. It must end well, and imports nothing of the original."""
        env = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        command = [sys.executable, *arguments]
        ran = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


def test_every_block_of_python_is_a_file_and_both_operations_are_there() -> None:
    assert len(FILES) == GUIDE.count("```python") == 9
    assert [operation.split()[0] for operation in OPERATIONS] == ["mutation", "query"]


def test_its_files_pass_format_lint_and_types(copy: Copy) -> None:
    # Types of everything it stands on are known from the last run, if there was one.
    cache = ROOT / ".mypy_cache"
    if cache.is_dir():
        shutil.copytree(cache, copy.folder / ".mypy_cache", dirs_exist_ok=True)

    copy.run("-m", "ruff", "format", "--check", *FILES)
    copy.run("-m", "ruff", "check", *FILES)
    copy.run("-m", "mypy", *FILES)


def test_its_own_tests_pass(copy: Copy) -> None:
    tests = [path for path in FILES if Path(path).name.startswith("test_")]

    assert "2 passed" in copy.run("-m", "pytest", "-p", "no:cacheprovider", *tests)


def test_the_api_has_them_without_a_change_to_the_schema(copy: Copy) -> None:
    api = copy.run("-c", "from server.cli import main; main()", "export-schema")

    assert "reviewProduct(input: ReviewProductInput!): ReviewProductPayload!" in api
    assert "REVIEW_TOO_SHORT" in api
    assert "type ProductRating implements Node" in api
    assert not [path for path in FILES if path.startswith("schema/")]


def test_its_command_its_read_model_and_its_reaction_work_over_graphql(
    copy: Copy, postgres_url: str, mongo_url: str, mongo_database: str
) -> None:
    printed = copy.run(
        "-m",
        "tests.docs.use_reviews",
        *OPERATIONS,
        ONEREAD_POSTGRES_URL=postgres_url,
        ONEREAD_MONGO_URL=mongo_url,
        ONEREAD_MONGO_DATABASE=mongo_database,
    )

    answers = json.loads(printed)
    refused = answers["refused"]["data"]["reviewProduct"]
    assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [("REVIEW_TOO_SHORT", ["text"])]
    assert refused["position"] is None
    accepted = answers["accepted"]["data"]["reviewProduct"]
    assert (accepted["version"], accepted["product"], accepted["userErrors"]) == (1, {"name": "Teapot"}, [])
    rating = {"productName": "Teapot", "averagePercent": 80}
    assert answers["ratings"]["data"] == {
        "productRating": {**rating, "reviews": 1},
        "productRatings": {"nodes": [rating], "totalCount": 1},
    }
    id = answers["product"].replace("prd_", "rat_")
    assert answers["other ways"]["data"] == {
        "node": {"__typename": "ProductRating", "id": id},
        "productRatings": {"edges": [{"node": {"productId": answers["product"], "stars": 4}}]},
    }
    assert answers["voucher"] == {"amount": "5.00", "currencyCode": "EUR"}
    # Each asked for freshness, and had it.
    assert {answers[query]["extensions"]["consistency"]["source"] for query in ("ratings", "other ways")} == {"documents"}
