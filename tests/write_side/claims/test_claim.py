"""Claims: who holds a value."""

from write_side.claims.claim import EMAIL_CLAIM, SKU_CLAIM, email_claim, sku_claim
from write_side.claims.events import ValueClaimed, ValueReleased


def test_a_value_is_free_claimed_and_free_again() -> None:
    claimed, released = ValueClaimed(holder="cus_1"), ValueReleased(holder="cus_1")

    assert EMAIL_CLAIM.fold([]) is None
    assert EMAIL_CLAIM.fold([claimed]) == "cus_1"
    assert EMAIL_CLAIM.fold([claimed, released]) is None
    assert EMAIL_CLAIM.fold([claimed, released, ValueClaimed(holder="cus_2")]) == "cus_2"


def test_a_sku_and_an_email_address_do_not_get_in_each_others_way() -> None:
    assert sku_claim("x@y.test") != email_claim("x@y.test")
    assert sku_claim("x@y.test").name != email_claim("x@y.test").name
    assert sku_claim("A").kind is SKU_CLAIM
    assert sku_claim("a") == sku_claim("A")
