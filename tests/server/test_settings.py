from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from projections.kernel.leases import LEASE
from server.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ONEREAD_{name.upper()}", raising=False)


def test_without_any_the_databases_are_embedded_and_the_api_is_local() -> None:
    settings = Settings()
    assert (settings.postgres_url, settings.mongo_url) == (None, None)
    assert settings.data_dir == Path(".oneread")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.mongo_driver == "motor"
    assert settings.lease == LEASE


def test_the_environment_sets_them_and_an_argument_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEREAD_PORT", "8001")
    monkeypatch.setenv("ONEREAD_FRESH_WAIT", "0.5")
    monkeypatch.setenv("ONEREAD_POSTGRES_URL", "postgresql://shop@db.example/shop")
    monkeypatch.setenv("ONEREAD_MONGO_URL", "mongodb://db.example/?replicaSet=rs0")
    settings = Settings(port=9000)
    assert settings.port == 9000
    assert settings.fresh_wait == 0.5
    assert settings.postgres_url == "postgresql://shop@db.example/shop"


def test_one_database_of_ones_own_leaves_the_other_embedded() -> None:
    settings = Settings(mongo_url="mongodb+srv://db.example/")
    assert (settings.postgres_url, settings.mongo_url) == (None, "mongodb+srv://db.example/")


def test_a_variable_set_to_nothing_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEREAD_MONGO_URL", "")
    assert Settings().mongo_url is None


def test_origins_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().allowed_origins == ()
    monkeypatch.setenv("ONEREAD_ALLOWED_ORIGINS", "https://shop.example, http://localhost:3000,")
    assert Settings().allowed_origins == ("https://shop.example", "http://localhost:3000")
    assert Settings(allowed_origins=("*",)).allowed_origins == ("*",)


@pytest.mark.parametrize(
    ("value", "deadline"),
    [
        ("5", timedelta(seconds=5)),
        ("1.5h", timedelta(minutes=90)),
        ("90m", timedelta(minutes=90)),
        (" 2D ", timedelta(days=2)),
        ("30s", timedelta(seconds=30)),
        ("off", None),
        ("OFF", None),
        ("0", None),
        ("0h", None),
    ],
)
def test_how_long_an_order_waits_for_its_payment(
    monkeypatch: pytest.MonkeyPatch, value: str, deadline: timedelta | None
) -> None:
    assert Settings().payment_deadline == timedelta(hours=24)
    monkeypatch.setenv("ONEREAD_PAYMENT_DEADLINE", value)
    assert Settings().payment_deadline == deadline
    assert Settings(payment_deadline=None).payment_deadline is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEREAD_PORT", "70000"),
        ("ONEREAD_FRESH_WAIT", "nan"),
        ("ONEREAD_FRESH_WAIT", "-1"),
        ("ONEREAD_MAX_BODY_BYTES", "0"),
        ("ONEREAD_ALLOWED_ORIGINS", "https://shop.example,shop.example"),
        ("ONEREAD_ALLOWED_ORIGINS", "https://shop.example/shop"),
        ("ONEREAD_SOCKET_INIT", "0"),
        ("ONEREAD_PAYMENT_DEADLINE", "soon"),
        ("ONEREAD_PAYMENT_DEADLINE", "-1"),
        ("ONEREAD_PAYMENT_DEADLINE", "0.5"),
        ("ONEREAD_PAYMENT_DEADLINE", "99999d"),
        ("ONEREAD_SOCKET_OPERATIONS", "0"),
        ("ONEREAD_SOCKET_STALLED", "nan"),
        ("ONEREAD_LOG_LEVEL", "LOUD"),
        ("ONEREAD_MONGO_DATABASE", "a.b"),
        ("ONEREAD_MONGO_URL", "http://db.example"),
        ("ONEREAD_MONGO_DRIVER", "mongoose"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert [error["loc"] for error in refusal.value.errors()] == [(name.removeprefix("ONEREAD_").lower(),)]


def test_a_time_that_is_none_is_said_to_be_written_otherwise() -> None:
    with pytest.raises(ValidationError, match="such as 90m, 24h or 2d, or off"):
        Settings(payment_deadline="a while")  # type: ignore[arg-type]


def test_a_password_is_neither_shown_nor_quoted_in_an_error() -> None:
    assert "secret" not in repr(Settings(postgres_url="postgresql://shop:secret@db.example/shop"))
    with pytest.raises(ValidationError) as refusal:
        Settings(mongo_url="postgresql://shop:secret@db.example/shop")
    assert "secret" not in str(refusal.value)
