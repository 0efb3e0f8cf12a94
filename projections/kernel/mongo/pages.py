"""Reads of pages: the command of one, or of several together, and the pages that are made of what it finds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import getitem

from projections.kernel.mongo.commands import Command, aggregate, find
from projections.kernel.mongo.projecting import projected
from projections.kernel.mongo.queries import Query, between, matches
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest, SortKey
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition

TOTAL = "_total"
"""Where a result has the total: it comes after the documents, and is no document."""

NUMBER = "_page"
"""Where a result has the number of its page, if several are read together."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """The read of one page. `position` is the checkpoint that is known when it is sent."""

    collection: str
    projection: AnyProjection
    request: PageRequest
    position: LogPosition

    @property
    def most(self) -> int:
        """How many results there are at most: one document more than asked for tells that there are more."""
        return self.request.size + self.request.with_more + self.request.with_total

    def command(self) -> Command:
        """The command for this page alone. Raises `BadPlace` for a cursor that was not made here."""
        if self.request.with_total:
            return aggregate(self.collection, self.stages(), self.most)
        return find(self.collection, self._query(), self._fields(), self.most, self._sort())

    def stages(self) -> list[Command]:
        """The same as a pipeline. Raises as `command` does."""
        request = self.request
        stages: list[Command] = [
            {"$match": self._query()},
            {"$sort": self._sort()},
            {"$limit": request.size + request.with_more},
        ]
        if fields := self._fields():
            stages.append({"$project": fields})
        if request.with_total:
            # All of them are counted in the index of ids, which is a small part of what the documents take.
            counting = [{"$match": self._matching() or {"_id": {"$gte": ""}}}, {"$count": TOTAL}]
            stages.append({"$unionWith": {"coll": self.collection, "pipeline": counting}})
        return stages

    def page(self, found: list[Stored]) -> Page:
        """The page that was read. `found` is used up."""
        request = self.request
        total = 0 if request.with_total else None
        if found and TOTAL in found[-1]:
            total = found.pop()[TOTAL]
        documents = found[: request.size]
        if request.backward:
            documents.reverse()
        places = self._places(documents) if request.with_places else []
        return Page(documents, places, len(found) > request.size, total, self.position)

    def _matching(self) -> Query:
        matching = matches(self.request.conditions)
        if self.request.search:
            matching["$text"] = {"$search": " ".join(f'"{word}"' for word in self.request.search)}
        return matching

    def _query(self) -> Query:
        request, matching = self.request, self._matching()
        limits = between(self.projection, request.order, request.after, request.before)
        return {"$and": [matching, *limits]} if limits else matching

    def _sort(self) -> Query:
        direction = -self.request.order.direction if self.request.backward else self.request.order.direction
        return {self.projection.shape.sort_path(self.request.order): direction, "_id": direction}

    def _fields(self) -> Query:
        request = self.request
        return projected(self.projection, request.fields, request.order if request.with_places else None)

    def _places(self, documents: Iterable[Stored]) -> list[SortKey]:
        names = self.projection.shape.sort_path(self.request.order).split(".")
        return [(str(reduce(getitem, names, stored)), Key(stored["_id"])) for stored in documents]


def together(reads: Sequence[PageRead]) -> Command:
    """The command for pages, at least one. Raises `BadPlace`."""
    if len(reads) == 1:
        return reads[0].command()
    first, *others = [[*read.stages(), {"$set": {NUMBER: number}}] for number, read in enumerate(reads)]
    unions = [
        {"$unionWith": {"coll": read.collection, "pipeline": stages}}
        for read, stages in zip(reads[1:], others, strict=True)
    ]
    return aggregate(reads[0].collection, [*first, *unions], sum(read.most for read in reads))


def apart(reads: Sequence[PageRead], found: list[Stored]) -> list[Page]:
    """The pages that `together` has read."""
    if len(reads) == 1:
        return [reads[0].page(found)]
    of_page: list[list[Stored]] = [[] for _ in reads]
    for result in found:
        of_page[result.pop(NUMBER)].append(result)
    return [read.page(results) for read, results in zip(reads, of_page, strict=True)]
