"""Access: what a store hands over, with nothing in it that was not said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from lib.components.access import Access, joined
from lib.components.connections import Peer

PEER = Peer("cache", "sg-1")


def test_says_where_the_store_is() -> None:
    access = Access(peer=PEER, ports=[6379, 6380])
    assert access.peer == Peer(name="cache", security_group_id="sg-1")
    assert access.ports == [6379, 6380]


def test_brings_nothing_that_was_not_said() -> None:
    access = Access(peer=PEER, ports=[6379])
    assert access.environment == {}
    assert access.secrets == {}
    assert access.secret_references == {}
    assert access.execution_statements == ()
    assert access.task_statements == ()


def test_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Access(peer=PEER, ports=[6379]).ports = [22]  # type: ignore[misc]


def test_a_bucket_or_table_has_no_place_in_the_network() -> None:
    access = Access(environment={"DATA_BUCKET": "data"})
    assert access.peer is None
    assert access.ports == ()


def test_variables_of_several_are_put_together() -> None:
    assert joined([{"A": "1"}, {}, {"B": "2"}]) == {"A": "1", "B": "2"}
    assert joined([]) == {}
