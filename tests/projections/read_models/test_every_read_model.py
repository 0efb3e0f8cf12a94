"""What holds for every read model, whatever it is about."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.documents import Document, field_types
from projections.kernel.projection import AnyProjection
from projections.kernel.scenario import Recorder
from tests.projections.read_models.registry import READ_MODELS
from tests.projections.strategies import instances
from tests.projections.structure import objections
from write_side.kernel.events import Event
from write_side.terms.ids import CustomerId

every_read_model = pytest.mark.parametrize("projection", READ_MODELS, ids=lambda projection: projection.name)


class NobodyKnows(Event, name="nobody-knows"):
    """An event of a newer process."""


def test_all_are_found() -> None:
    assert {projection.document.__name__ for projection in READ_MODELS} >= {
        "Order",
        "OrderHistory",
        "Customer",
        "Product",
        "ShippingTask",
        "DailySales",
        "BestSeller",
        "Reorder",
        "StoreOverview",
    }


def test_each_has_a_collection_and_an_id_prefix_of_its_own() -> None:
    assert len({projection.name for projection in READ_MODELS}) == len(READ_MODELS)
    assert len({projection.id_type.prefix for projection in READ_MODELS}) == len(READ_MODELS)


@every_read_model
@settings(max_examples=40)
@given(data=st.data())
def test_any_document_is_stored_and_comes_back(projection: AnyProjection, data: st.DataObject) -> None:
    document: Document = data.draw(instances(projection.document))
    stored = projection.shape.encode(document)
    assert projection.shape.decode(stored) == document
    assert list(objections(projection.shape.schema(), stored)) == []
    assert projection.id_type.parse(stored["_id"]) is not None


@every_read_model
@settings(max_examples=5)
@given(data=st.data())
def test_the_validator_refuses_what_is_lacking_and_what_is_unknown(projection: AnyProjection, data: st.DataObject) -> None:
    schema = projection.shape.schema()
    stored = projection.shape.encode(data.draw(instances(projection.document)))
    for name in stored:
        lacking: dict[str, Any] = {other: value for other, value in stored.items() if other != name}
        assert list(objections(schema, lacking)) == [f"$.{name} is lacking"]
        # no field of any document holds an object without fields
        assert list(objections(schema, {**stored, name: {}})) != []
    assert list(objections(schema, {**stored, "unknown": None})) == ["$.unknown is unknown"]


@every_read_model
def test_its_public_names_do_not_clash(projection: AnyProjection) -> None:
    spec = projection.spec
    for names in ([each.public_name for each in spec.filters], [each.public_name for each in spec.orders]):
        assert len(set(names)) == len(names)


@every_read_model
def test_only_nodes_have_a_field_id(projection: AnyProjection) -> None:
    def parts(cls: type[Any]) -> list[type[Any]]:
        nested = [found.base for found in field_types(cls).values() if found.is_part]
        return nested + [deeper for each in nested for deeper in parts(each)]

    assert field_types(projection.document)["id"].base is projection.id_type
    assert [cls for cls in parts(projection.document) if "id" in field_types(cls)] == []


@every_read_model
def test_it_skips_events_that_it_does_not_know(projection: AnyProjection) -> None:
    unknown = Recorder().record("customer", CustomerId.new(), NobodyKnows())
    assert projection.touches(unknown) == ()
