"""Deciding on the catalogue."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import NOTHING, POT, SHOP, TRAY, money, money_input, product_id
from write_side.catalogue.commands import (
    AddProduct,
    ChangeProductPrice,
    DescribeProduct,
    DiscontinueProduct,
    RenameProduct,
)
from write_side.catalogue.events import (
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductPriceChanged,
    ProductRenamed,
)
from write_side.catalogue.product import PRODUCT, ProductDiscontinuedRefusal
from write_side.claims.claim import sku_claim
from write_side.claims.events import ValueClaimed
from write_side.kernel.commands import Command
from write_side.kernel.refusals import AlreadyExists, NotFound
from write_side.kernel.scenario import given

JUG = product_id(7)


def add(**more: object) -> AddProduct:
    return AddProduct.model_validate(
        {"id": JUG, "sku": "JUG-1", "name": "Jug", "price": {"amount": "7.5", "currencyCode": "EUR"}, **more}
    )


def test_a_product_is_added_and_has_the_sku() -> None:
    given().when(add(description="Holds milk.\nOr tea.", tags=[" kitchen ", "milk"])).then(
        (
            PRODUCT.of(JUG),
            ProductAdded(
                sku="JUG-1",
                name="Jug",
                description="Holds milk.\nOr tea.",
                tags=("kitchen", "milk"),
                price=money("7.50"),
            ),
        ),
        (sku_claim("jug-1"), ValueClaimed(holder=JUG)),
    )


def test_an_absent_description_is_empty_and_absent_tags_are_none() -> None:
    expected = ProductAdded(sku="JUG-1", name="Jug", description="", tags=(), price=money("7.50"))

    for absent in (add(), add(description=None, tags=None), add(description="", tags=[])):
        assert given().when(absent).events[0] == (PRODUCT.of(JUG), expected)


def test_a_tag_is_there_once() -> None:
    assert add(tags=["a", "b", " a"]).tags == ("a", "b")


def test_a_sku_is_unique_without_regard_to_case() -> None:
    given(*SHOP).when(add(sku="pot-1")).refused(AlreadyExists, "sku")


def test_the_sku_of_a_discontinued_product_is_still_taken() -> None:
    given(*SHOP).when(add(sku="TRAY-1")).refused(AlreadyExists, "sku")


def test_an_id_is_taken_once_and_said_before_the_sku() -> None:
    given(*SHOP).when(add(id=POT)).refused(AlreadyExists, "id")
    given(*SHOP).when(add(sku="CUP-1", id=POT)).refused(AlreadyExists, "id")


@pytest.mark.parametrize(
    "command",
    [
        RenameProduct(product_id=NOTHING, name="X"),
        DescribeProduct(product_id=NOTHING, description="x"),
        ChangeProductPrice(product_id=NOTHING, price=money_input("1.00")),
        DiscontinueProduct(product_id=NOTHING, reason="x"),
    ],
)
def test_the_product_must_exist(command: Command) -> None:
    given(*SHOP).when(command).refused(NotFound, "productId")


def test_a_product_is_renamed() -> None:
    shop = given(*SHOP).when(RenameProduct(product_id=POT, name="Pot")).then((PRODUCT.of(POT), ProductRenamed(name="Pot")))

    shop.when(RenameProduct(product_id=POT, name="Pot")).nothing()


def test_a_product_is_described_and_its_tags_stay_unless_given() -> None:
    shop = (
        given(*SHOP)
        .when(DescribeProduct(product_id=POT, description="Round.", tags=("tea", "gift")))
        .then((PRODUCT.of(POT), ProductDescribed(description="Round.", tags=("tea", "gift"))))
    )
    shop.when(DescribeProduct(product_id=POT, description="Round.", tags=("tea", "gift"))).nothing()
    shop.when(DescribeProduct(product_id=POT, description="Round.")).nothing()

    shop.when(DescribeProduct(product_id=POT, description="Blue.")).then(
        (PRODUCT.of(POT), ProductDescribed(description="Blue.", tags=("tea", "gift")))
    )
    shop.when(DescribeProduct(product_id=POT, description="Round.", tags=())).then(
        (PRODUCT.of(POT), ProductDescribed(description="Round.", tags=()))
    )
    shop.when(DescribeProduct(product_id=POT, description="", tags=("gift", "tea"))).then(
        (PRODUCT.of(POT), ProductDescribed(description="", tags=("gift", "tea")))
    )


def test_a_price_changes_in_its_currency_or_to_another() -> None:
    shop = given(*SHOP)
    shop.when(ChangeProductPrice(product_id=POT, price=money_input("30"))).nothing()
    for price in (money_input("30.01"), money_input("30", "USD")):
        shop.when(ChangeProductPrice(product_id=POT, price=price)).then(
            (PRODUCT.of(POT), ProductPriceChanged(price=price.value))
        )


def test_a_product_is_discontinued_once() -> None:
    shop = (
        given(*SHOP)
        .when(DiscontinueProduct(product_id=POT, reason="fragile"))
        .then((PRODUCT.of(POT), ProductDiscontinued(reason="fragile")))
    )

    refusal = shop.when(DiscontinueProduct(product_id=POT, reason="fragile")).refused(
        ProductDiscontinuedRefusal, "productId"
    )
    assert refusal.code == "PRODUCT_DISCONTINUED"


def test_a_discontinued_product_can_still_be_edited() -> None:
    shop = given(*SHOP)
    shop.when(RenameProduct(product_id=TRAY, name="Old tray")).then((PRODUCT.of(TRAY), ProductRenamed(name="Old tray")))
    shop.when(DescribeProduct(product_id=TRAY, description="Old.")).then(
        (PRODUCT.of(TRAY), ProductDescribed(description="Old.", tags=()))
    )
    shop.when(ChangeProductPrice(product_id=TRAY, price=money_input("1"))).then(
        (PRODUCT.of(TRAY), ProductPriceChanged(price=money("1.00")))
    )


def test_all_of_an_events_facts_are_in_the_state() -> None:
    shop = given(*SHOP)
    for command in (
        RenameProduct(product_id=POT, name="Pot"),
        DescribeProduct(product_id=POT, description="Round.", tags=("tea",)),
        ChangeProductPrice(product_id=POT, price=money_input("31")),
        DiscontinueProduct(product_id=POT, reason="fragile"),
    ):
        shop = shop.when(command).after
    pot = shop.state(PRODUCT.of(POT))
    assert pot is not None
    assert (pot.sku, pot.name, pot.description, pot.tags) == ("POT-1", "Pot", "Round.", ("tea",))
    assert (pot.price, pot.active) == (money("31.00"), False)


def test_a_stream_does_not_begin_with_a_change() -> None:
    with pytest.raises(ValueError, match="begins with its addition"):
        given((PRODUCT.of(POT), ProductRenamed(name="Pot")))


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"sku": " "}, ("sku",)),
        ({"sku": "x" * 65}, ("sku",)),
        ({"tags": ["fine", ""]}, ("tags", 1)),
        ({"tags": [str(number) for number in range(51)]}, ("tags",)),
        ({"description": "x" * 10_001}, ("description",)),
        ({"price": {"amount": "0", "currencyCode": "EUR"}}, ("price", "amount")),
        ({"price": {"amount": "1.001", "currencyCode": "EUR"}}, ("price", "amount")),
        ({"price": {"amount": "1.00", "currencyCode": "ZZZ"}}, ("price", "currencyCode")),
        ({"id": ""}, ("id",)),
    ],
)
def test_what_no_decision_sees(more: dict[str, object], path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        add(**more)
    assert [error["loc"] for error in refused.value.errors()] == [path]
