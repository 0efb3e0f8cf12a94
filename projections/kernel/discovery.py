"""Finds the read models of a package by importing it, so that adding one is adding a module."""

import importlib
import pkgutil
from types import ModuleType

from projections.kernel.projection import AnyProjection, Projection


def discover(package: ModuleType) -> tuple[AnyProjection, ...]:
    """Every `Projection` that the modules of `package` declare, by name. Raises `ValueError` when two share one."""
    found: dict[str, AnyProjection] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Projection) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two read models are named {value.name}")
    return tuple(found[name] for name in sorted(found))
