"""How transactions are tried again: against a session that fails as it is told to."""

from collections.abc import Sequence
from typing import cast

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from projections.kernel.errors import StoreUnavailable
from projections.kernel.mongo.client import Session
from projections.kernel.mongo.transactions import TRIES, transacted

TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"


class FailingSession:
    """A session whose commits end as `commits` says, the first first: with an error, or well."""

    def __init__(self, commits: Sequence[PyMongoError | None] = ()) -> None:
        self._commits = list(commits)
        self.told: list[str] = []

    def start_transaction(self) -> "FailingSession":
        self.told.append("start")
        return self

    async def __aenter__(self) -> None:
        """Of no interest."""

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.told.append("abort")

    async def commit_transaction(self) -> None:
        self.told.append("commit")
        if self._commits and (error := self._commits.pop(0)) is not None:
            raise error


def failure(code: int, *labels: str) -> OperationFailure:
    return OperationFailure("failed", code, {"errorLabels": list(labels)})


async def ended(session: FailingSession, *errors: PyMongoError | None) -> int:
    """How often the work was done, which fails as `errors` say."""
    done = 0
    left = list(errors)

    async def work() -> int:
        nonlocal done
        done += 1
        if left and (error := left.pop(0)) is not None:
            raise error
        return done

    return await transacted(cast("Session", session), work)


@pytest.mark.parametrize("code", [112, 251, 91, 11601])
async def test_what_failed_for_a_moment_is_done_again_from_its_start(code: int) -> None:
    session = FailingSession()

    assert await ended(session, failure(code, TRANSIENT), failure(code, TRANSIENT)) == 3

    assert session.told == ["start", "abort", "start", "abort", "start", "commit"]


@pytest.mark.parametrize("error", [failure(91, UNKNOWN), failure(64, UNKNOWN), AutoReconnect("gone")])
async def test_a_commit_that_may_have_happened_is_sent_again_alone(error: PyMongoError) -> None:
    error._add_error_label(UNKNOWN)
    session = FailingSession([error, error, None])

    assert await ended(session) == 1

    assert session.told == ["start", "commit", "commit", "commit"]


async def test_a_commit_that_has_not_happened_is_begun_anew() -> None:
    session = FailingSession([failure(91, UNKNOWN), failure(251, TRANSIENT), None])

    assert await ended(session) == 2

    assert session.told == ["start", "commit", "commit", "abort", "start", "commit"]


async def test_what_stays_unknown_is_said() -> None:
    session = FailingSession([failure(91, UNKNOWN)] * TRIES)

    with pytest.raises(StoreUnavailable):
        await ended(session)

    assert session.told == ["start", *["commit"] * TRIES, "abort"]


async def test_it_is_not_tried_for_ever_nor_what_no_try_mends() -> None:
    session = FailingSession()
    with pytest.raises(StoreUnavailable):
        await ended(session, *[failure(112, TRANSIENT)] * TRIES)
    assert session.told == ["start", "abort"] * TRIES

    session = FailingSession()
    with pytest.raises(OperationFailure):
        await ended(session, failure(121))
    assert session.told == ["start", "abort"]


async def test_where_there_was_no_server_none_is_looked_for_again() -> None:
    """That has been waited for, and the driver says all the same that it may be transient."""
    error = ServerSelectionTimeoutError("none there")
    error._add_error_label(TRANSIENT)
    session = FailingSession()

    with pytest.raises(ServerSelectionTimeoutError):
        await ended(session, error)

    assert session.told == ["start", "abort"]
