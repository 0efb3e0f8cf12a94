"""The drivers that speak to MongoDB, by the names that the setting has for them."""

from typing import Literal

Driver = Literal["motor", "pymongo"]
"""Motor, or PyMongo's own asyncio API, its successor."""
