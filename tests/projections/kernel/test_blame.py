"""What may be said of an error: nothing that a customer may have typed."""

import pytest

from projections.kernel.blame import kind_of, place_of
from projections.kernel.errors import MissingDocument
from projections.kernel.projection import Key
from tests.projections.kernel.fragile import Cracked, jar, jars, story


def test_the_text_of_an_error_that_is_not_ours_is_not_told() -> None:
    assert kind_of(KeyError("Ann Miller")) == "KeyError"
    assert kind_of(MissingDocument("jars", "jar_1")) == "MissingDocument: jars has no document jar_1"


def test_the_place_is_the_last_one_in_code_of_the_project() -> None:
    [event] = story(["m1"])
    with pytest.raises(Cracked) as raised:
        jars({(jar(1), 1)}).unstamped(Key(jar(1)), None, event)

    place = place_of(raised.value)

    assert place.startswith("tests/projections/kernel/fragile.py:")
    assert place.endswith(" suffer")
    assert place_of(KeyError("raised nowhere")) == ""
