"""Shoppers: they send commands, again under the same id when no answer comes, and then look for what they did."""

import asyncio
import secrets
from random import Random
from typing import Any

from tests.system.checker.asking import Answer, Asking, Surprise, Unanswered, number
from tests.system.checker.board import Board
from tests.system.checker.commands import CUSTOMERS, PRODUCTS, REGULAR, SOLD, Intent, Whims
from tests.system.checker.looking import Looking
from tests.system.checker.records import Accepted, DocumentRead, Records
from tests.system.checker.subjects import CUSTOMER, MODELS, ORDER, PRODUCT, SCARCE, TASK, THE_SHOP, Content, orders

TRIES = 100
DONE = {"DELIVERED", "CANCELLED", "REFUNDED"}
ADDRESS = {"line1": "Lindenweg 4", "city": "Bern", "postcode": "3006", "countryCode": "CH"}
ABUNDANT = 2 * SCARCE


class Shopper:
    """One client that changes things, and reads what it wrote."""

    def __init__(self, name: str, asking: Asking, board: Board, records: Records, random: Random) -> None:
        self._name = name
        self._asking = asking
        self._board = board
        self._records = records
        self._random = random
        self._whims = Whims(random)
        self._looking = Looking(name, asking, board, records, random)
        self._order: str | None = None
        self._now: Content | None = None

    async def run(self) -> None:
        """Until all is over."""
        while not self._board.quiet:
            intent = self._whims.next(self._order, self._now)
            payload = await self.send(intent)
            try:
                await self._look(intent, payload)
            except Unanswered:
                self._records.counts["unanswered"] += 1
            await asyncio.sleep(self._random.uniform(0.3, 1.5))

    async def send(self, intent: Intent) -> dict[str, Any]:
        """Has a command accepted, whatever it takes: its payload."""
        command_id = secrets.token_hex(12)
        mutation = (
            f"mutation($input: {intent.command[0].upper()}{intent.command[1:]}Input!) {{ {intent.command}(input: $input) "
            f"{{ version position userErrors {{ code message }} {intent.model.name} {intent.model.selection} }} }}"
        )
        answer, tries = await self._answered(mutation, {"input": {**intent.input, "commandId": command_id}})
        payload: dict[str, Any] = answer.data[intent.command]
        if payload["userErrors"]:
            raise Surprise(f"{intent} was refused: {payload['userErrors']}")
        self._accepted(intent, answer, payload, Accepted(self._name, command_id, number(payload["position"]), tries))
        return payload

    async def _answered(self, mutation: str, variables: dict[str, Any]) -> tuple[Answer, int]:
        """The answer, and in how many tries it came."""
        for tries in range(1, TRIES + 1):
            try:
                return await self._asking.ask(mutation, variables), tries
            except Unanswered:
                await asyncio.sleep(self._random.uniform(0.1, 0.4))
        raise Surprise(f"no answer in {TRIES} tries to {mutation}")

    def _accepted(self, intent: Intent, answer: Answer, payload: dict[str, Any], accepted: Accepted) -> None:
        self._records.accepted.append(accepted)
        self._board.told(payload["position"])
        document = payload[intent.model.name]
        if document is None:
            if not answer.passing:
                raise Surprise(f"{intent.command} answered no document, and does not say why")
            if intent.model is ORDER:
                self._order = self._now = None  # how it is now is not known
            return
        seen = self._looking.sighting(intent.model, document)
        # What a command answers is a read that demands the command.
        self._records.reads.append(DocumentRead(self._name, intent.model, seen.key, accepted.position, seen))
        if intent.model is ORDER:
            if self._order is None:
                self._board.add(ORDER, seen.key)
            if seen.content["status"] == "PAID":
                self._board.add(TASK, f"shp_{seen.key[4:]}")
            over = seen.content["status"] in DONE
            self._order, self._now = (None, None) if over else (seen.key, seen.content)

    async def _look(self, intent: Intent, payload: dict[str, Any]) -> None:
        document, position = payload[intent.model.name], payload["position"]
        if document is None:
            return
        key = document["id"]
        own_stream = intent.command not in ("receiveStock", "correctStock", "creditWallet")
        await self._looking.document(intent.model, key, position, payload["version"] if own_stream else None)
        if intent.model is not ORDER:
            return
        customer = document["customer"]["customerId"]
        match self._random.randrange(4):
            case 0 if customer != REGULAR:
                await self._looking.list(orders(customer=customer), position)
            case 1:
                await self._looking.document(CUSTOMER, customer, position)
            case 2:
                await self._looking.document(TASK, f"shp_{key[4:]}", position)
            case _:
                await self._looking.document(THE_SHOP.model, THE_SHOP.key, position)


class Reader:
    """One client that changes nothing, and demands what others were told."""

    def __init__(self, name: str, asking: Asking, board: Board, records: Records, random: Random) -> None:
        self._board = board
        self._records = records
        self._random = random
        self._looking = Looking(name, asking, board, records, random)

    async def run(self) -> None:
        """Until all is over."""
        while not self._board.quiet:
            model = self._random.choice(MODELS)
            demand = self._board.latest_token if self._random.random() < 0.8 else ""
            try:
                if (key := self._board.any(model)) is not None:
                    await self._looking.document(model, key, demand)
                if self._random.random() < 0.4:
                    await self._looking.list(orders(customer=self._random.choice(CUSTOMERS[1:])), demand)
            except Unanswered:
                self._records.counts["unanswered"] += 1
            await asyncio.sleep(self._random.uniform(0.1, 0.6))


async def open_shop(asking: Asking, board: Board, records: Records, regulars_orders: int) -> None:
    """Customers, products, and the orders of the regular customer."""
    random = Random(0)  # nothing is left to it

    async def send(intents: list[Intent]) -> None:
        while intents:
            await Shopper("the shop", asking, board, records, random).send(intents.pop())

    async def together(intents: list[Intent]) -> None:
        await asyncio.gather(*(send(intents) for _ in range(16)))

    price = {"amount": "10.00", "currencyCode": "EUR"}
    given = {"name": "Ann", "address": ADDRESS, "phone": "+41 31 000 00 00"}
    await together(
        [
            Intent("registerCustomer", CUSTOMER, {"id": customer, "email": f"c{number}@shop.test", **given})
            for number, customer in enumerate(CUSTOMERS)
        ]
        + [
            Intent(
                "addProduct", PRODUCT, {"id": product, "sku": f"SKU-{number}", "name": f"Product {number}", "price": price}
            )
            for number, product in enumerate(PRODUCTS)
        ]
    )
    await together(
        [
            Intent("correctStock", PRODUCT, {"productId": product, "onHand": ABUNDANT, "reason": "counted"})
            for product in PRODUCTS
        ]
    )
    for model, keys in ((CUSTOMER, CUSTOMERS), (PRODUCT, PRODUCTS)):
        for key in keys:
            board.add(model, key)
    items = [{"productId": SOLD[0], "quantity": 1}]
    await together([Intent("placeOrder", ORDER, {"customerId": REGULAR, "items": items}) for _ in range(regulars_orders)])
