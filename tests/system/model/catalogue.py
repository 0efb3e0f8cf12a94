"""Products, their stock and their reorders: what each command does."""

from tests.system.model.state import Now, Refusal, Row, State, found, happened, set_value


def add_product(state: State, given: Row, now: Now) -> None:
    if given["id"] in state.products:
        raise Refusal("ALREADY_EXISTS", "id")
    if given["sku"].casefold() in [row["sku"].casefold() for row in state.products.values()]:
        raise Refusal("ALREADY_EXISTS", "sku")
    state.touched_at = now.at
    state.stocks[given["id"]] = {"version": 0, "onHand": 0, "reserved": 0, "reorderLevel": 0}
    state.reorders[given["id"]] = {"version": 0, "needed": False, "neededAt": None, "coveredAt": None}
    state.products[given["id"]] = {
        "version": 1,
        "sku": given["sku"],
        "name": given["name"],
        "description": given.get("description", ""),
        "tags": given.get("tags", []),
        "price": given["price"],
        "status": "ACTIVE",
        "addedAt": now.at,
        "updatedAt": now.at,
    }


def rename_product(state: State, given: Row, now: Now) -> None:
    set_value(found(state.products, given["productId"], "productId"), now, name=given["name"])


def describe_product(state: State, given: Row, now: Now) -> None:
    product = found(state.products, given["productId"], "productId")
    tags = given.get("tags", product["tags"])
    set_value(product, now, description=given["description"], tags=tags)


def change_product_price(state: State, given: Row, now: Now) -> None:
    set_value(found(state.products, given["productId"], "productId"), now, price=given["price"])


def discontinue_product(state: State, given: Row, now: Now) -> None:
    product = found(state.products, given["productId"], "productId")
    demand_active(product, "productId")
    set_value(product, now, status="DISCONTINUED")


def receive_stock(state: State, given: Row, now: Now) -> None:
    demand_active(found(state.products, given["productId"], "productId"), "productId")
    on_hand = state.stocks[given["productId"]]["onHand"] + given["quantity"]
    if on_hand > 1_000_000_000:
        raise Refusal("INVALID_INPUT", "quantity")
    move_stock(state, given["productId"], now, on_hand=given["quantity"])


def correct_stock(state: State, given: Row, now: Now) -> None:
    found(state.products, given["productId"], "productId")
    stock = state.stocks[given["productId"]]
    if given["onHand"] < stock["reserved"]:
        raise Refusal("INSUFFICIENT_STOCK", "onHand")
    if given["onHand"] != stock["onHand"]:
        move_stock(state, given["productId"], now, on_hand=given["onHand"] - stock["onHand"])


def set_reorder_level(state: State, given: Row, now: Now) -> None:
    demand_active(found(state.products, given["productId"], "productId"), "productId")
    stock = state.stocks[given["productId"]]
    if given["level"] != stock["reorderLevel"]:
        stock["reorderLevel"] = given["level"]
        move_stock(state, given["productId"], now)


def review_stock(state: State, given: Row, now: Now) -> None:
    product = found(state.products, given["productId"], "productId")
    stock, reorder = state.stocks[given["productId"]], state.reorders[given["productId"]]
    needed = product["status"] == "ACTIVE" and stock["onHand"] - stock["reserved"] < stock["reorderLevel"]
    if needed and not reorder["needed"]:
        set_value(reorder, now, needed=True, neededAt=now.at, coveredAt=None)
    elif reorder["needed"] and not needed:
        set_value(reorder, now, needed=False, coveredAt=now.at)


def move_stock(state: State, product_id: str, now: Now, *, on_hand: int = 0, reserved: int = 0) -> None:
    """So much more or less on the shelf, and promised."""
    stock = state.stocks[product_id]
    stock["onHand"] += on_hand
    stock["reserved"] += reserved
    happened(stock, now)
    state.products[product_id]["updatedAt"] = now.at


def demand_active(product: Row, *path: str) -> None:
    """The product must still be sold."""
    if product["status"] != "ACTIVE":
        raise Refusal("PRODUCT_DISCONTINUED", *path)


def demand_available(state: State, product_id: str, quantity: int, *path: str) -> None:
    """So many units must be for sale."""
    stock = state.stocks[product_id]
    if stock["onHand"] - stock["reserved"] < quantity:
        raise Refusal("INSUFFICIENT_STOCK", *path)
