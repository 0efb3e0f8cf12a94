"""Conditions, as they hold in the process."""

from decimal import Decimal

import pytest

from projections.kernel.conditions import Condition, Operator, Value, holds

DOCUMENT = {
    "title": "Emma",
    "pages": 320,
    "price": Decimal("12.50"),
    "rare": False,
    "lentTo": None,
    "shelf": {"name": "hall"},
    "tags": ["novel", "english"],
    "chapters": [{"heading": "I", "pages": 9}, {"heading": "II", "pages": 12}],
}


@pytest.mark.parametrize(
    ("path", "operator", "value", "expected"),
    [
        ("title", "eq", "Emma", True),
        ("title", "eq", "emma", False),
        ("title", "in", ("Persuasion", "Emma"), True),
        ("title", "in", (), False),
        ("title", "startsWith", "Em", True),
        ("title", "startsWith", "mm", False),
        ("pages", "startsWith", "3", False),
        ("pages", "gt", 319, True),
        ("pages", "gt", 320, False),
        ("pages", "gte", 320, True),
        ("pages", "lt", 320, False),
        ("pages", "lt", 321, True),
        ("pages", "lte", 320, True),
        ("rare", "eq", False, True),
        ("rare", "eq", 0, False),
        ("rare", "lt", 1, False),
        ("rare", "in", (0, 1), False),
        ("pages", "gt", "", False),
        ("title", "gt", 0, False),
        ("price", "gte", 12, True),
        ("price", "eq", 12, False),
        ("shelf.name", "eq", "hall", True),
        ("shelf.colour", "eq", "hall", False),
        ("title.name", "eq", "Emma", False),
        ("absent", "eq", "hall", False),
        ("lentTo", "eq", "Ada", False),
        ("lentTo", "lt", "z", False),
        ("tags", "eq", "novel", True),
        ("tags", "eq", "french", False),
        ("chapters.heading", "eq", "II", True),
        ("chapters.pages", "gt", 12, False),
    ],
)
def test_one_test(path: str, operator: Operator, value: Value, expected: bool) -> None:
    assert holds(Condition(path, ((operator, value),)), DOCUMENT) is expected


def test_all_tests_must_hold() -> None:
    assert holds(Condition("pages", (("gte", 300), ("lt", 400))), DOCUMENT)
    assert not holds(Condition("pages", (("gte", 300), ("lt", 310))), DOCUMENT)


def test_one_element_of_a_list_must_meet_all_tests() -> None:
    assert holds(Condition("chapters.pages", (("gt", 8), ("lt", 10))), DOCUMENT)
    # 9 is below 10 and 12 above 11, but no chapter is both
    assert not holds(Condition("chapters.pages", (("gt", 11), ("lt", 10))), DOCUMENT)


def test_no_element_meets_nothing() -> None:
    assert not holds(Condition("chapters.pages", (("gte", 0),)), {"chapters": []})


def test_equal() -> None:
    assert Condition.equal("title", "Emma") == Condition("title", (("eq", "Emma"),))
