"""What was last seen of documents: as much of it as tells whether they met a filter."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from projections.kernel.conditions import values_at
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored

Values = Mapping[str, tuple[Any, ...]]
"""What a document has at the paths that filters compare."""


class Seen:
    """The values of at most `most` documents of a projection; those that were seen last."""

    def __init__(self, projection: AnyProjection, most: int) -> None:
        self._paths = [projection.shape.compare_path(declared.path) for declared in projection.spec.filters]
        self._most = most
        self._values: OrderedDict[Key, Values] = OrderedDict()

    def get(self, key: Key) -> Values | None:
        """What the document had when it was last seen; None where that is not known."""
        return self._values.get(key)

    def put(self, key: Key, document: Stored | None) -> None:
        """The document has been seen; None: it is gone."""
        self._values.pop(key, None)
        if document is None:
            return
        self._values[key] = {path: values_at(path, document) for path in self._paths}
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def clear(self) -> None:
        """Nothing is known any more."""
        self._values.clear()
