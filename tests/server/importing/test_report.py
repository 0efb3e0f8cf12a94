"""What is said of an import."""

import io
from collections import Counter

import pytest
from rich.console import Console

from server.importing.importer import Tally
from server.importing.lines import MalformedLine
from server.importing.report import RefusedLine, hints, refusals_report, summary
from write_side.kernel.refusals import AlreadyExists, CommandIdReused, InvalidInput

REFUSED = [
    RefusedLine(3, "", (MalformedLine("is not JSON: unexpected end of data, at character 2"),)),
    RefusedLine(
        17,
        "RegisterCustomer",
        (
            InvalidInput("email: is not an e-mail address: there must be something [after] the @-sign", "email"),
            InvalidInput("address.city: Field required", "address", "city"),
        ),
    ),
    RefusedLine(12_345, "AddProduct", (AlreadyExists("another product has this SKU", "sku"),)),
]


def printed(width: int) -> str:
    text = io.StringIO()
    Console(file=text, width=width).print(refusals_report(REFUSED, width))
    return text.getvalue()


def test_a_table_has_a_row_for_each_reason() -> None:
    rows = [[cell.strip() for cell in row.split("│")[1:-1]] for row in printed(200).splitlines() if row.startswith("│")]

    assert rows == [
        ["3", "", "MALFORMED_LINE", "", "is not JSON: unexpected end of data, at character 2"],
        ["17", "RegisterCustomer", "INVALID_INPUT", "email", REFUSED[1].refusals[0].message.removeprefix("email: ")],
        ["17", "RegisterCustomer", "INVALID_INPUT", "address.city", "Field required"],
        ["12345", "AddProduct", "ALREADY_EXISTS", "sku", "another product has this SKU"],
    ]


def test_where_a_table_has_no_room_each_line_has_some() -> None:
    text = printed(80)

    assert "line 17 RegisterCustomer\n  INVALID_INPUT at email: is not an e-mail address" in text
    assert "\n  INVALID_INPUT at address.city: Field required\n" in text
    assert text.startswith("line 3\n  MALFORMED_LINE: is not JSON")
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(), "0 lines: 0 accepted"),
        (Tally(accepted=1), "1 line: 1 accepted"),
        (
            Tally(accepted=12_000, before=9_000),
            "12,000 lines: 12,000 accepted (9,000 of them before, or with nothing to change)",
        ),
        (
            Tally(accepted=5, refused=Counter(NOT_FOUND=1, INVALID_INPUT=2)),
            "8 lines: 5 accepted, 3 refused (2 INVALID_INPUT, 1 NOT_FOUND)",
        ),
    ],
)
def test_how_far_it_is(tally: Tally, told: str) -> None:
    assert summary(tally) == told


def test_what_to_do() -> None:
    assert hints(Tally(accepted=5), "march") == []
    assert len(hints(Tally(refused=Counter(NOT_FOUND=1)), "march")) == 1
    [_, reused] = hints(Tally(refused=Counter({CommandIdReused.code: 1, "NOT_FOUND": 1})), "march")
    assert "'march'" in reused
    assert "--name" in reused
