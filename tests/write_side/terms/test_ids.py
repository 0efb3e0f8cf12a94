"""The shop's ids, and the claims that are named by a hash of a value."""

import pytest

from write_side.kernel.folding import folded
from write_side.terms.ids import ClaimId, CustomerId, OrderId, ProductId


def test_each_type_has_its_prefix() -> None:
    assert [kind.prefix for kind in (CustomerId, ProductId, OrderId, ClaimId)] == ["cus", "prd", "ord", "clm"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@shop.test", "Ann@SHOP.test"),
        ("straße", "STRASSE"),
        ("caf\u00e9", "CAFE\u0301"),
        ("Ⅳ", "iv"),
        ("\uff21\uff22\uff23", "abc"),
        ("ΣΑΣ", "σας"),
    ],
)
def test_values_that_differ_in_case_or_form_only_are_one_claim(one: str, other: str) -> None:
    assert folded(one) == folded(other)
    assert ClaimId.for_value(one) == ClaimId.for_value(other)


def test_other_values_are_other_claims() -> None:
    assert ClaimId.for_value("ann@shop.test") != ClaimId.for_value("anna@shop.test")
    assert ClaimId.for_value("cafe") != ClaimId.for_value("café")


def test_a_claim_is_named_the_same_for_ever() -> None:
    claim = ClaimId.for_value("Ann@shop.test")

    assert claim == "clm_a25a44bc8224feb3a35d541f1d4f66b4"
    assert ClaimId.parse(claim) == claim


@pytest.mark.parametrize("value", ["", "ﬁﬂ", "İ", "ß", "\u0345", "Ǆ"])
def test_folding_again_changes_nothing(value: str) -> None:
    assert folded(folded(value)) == folded(value)
