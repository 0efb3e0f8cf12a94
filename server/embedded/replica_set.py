"""Turning a lone mongod into a replica set of one, and back into the same one after a restart."""

import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

REPLICA_SET = "oneread"
POLL_SECONDS = 0.02
NOT_YET_INITIALIZED = 94


def become_primary(address: str, deadline: float, *, alive: Callable[[], bool]) -> bool:
    """Make the server at `address` ("host:port") the primary of its set, and wait until it is.

    Returns False when the server is no longer `alive`, or at the deadline (of `time.monotonic`).
    Done again after a restart it changes nothing, or the address alone when that is another now.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(
        f"mongodb://{address}/?directConnection=true", serverSelectionTimeoutMS=200, connectTimeoutMS=200
    )
    configured = False
    with client:
        while alive() and time.monotonic() < deadline:
            # Until it is up, and while it makes up its mind, commands fail in a dozen ways: ask again.
            try:
                if not configured:
                    _configure(client, address)
                    configured = True
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
            except PyMongoError:
                pass
            time.sleep(POLL_SECONDS)
    return False


def _configure(client: MongoClient[dict[str, Any]], address: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": address}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != address:
        config["members"] = [{**config["members"][0], "host": address}]
        config["version"] += 1
        # Forced: at its new address it is no member of the set it knows, and so no primary that could be asked.
        client.admin.command("replSetReconfig", config, force=True)
