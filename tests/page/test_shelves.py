"""What a tab that is opened again finds, and nobody else."""

from threading import Event
from typing import cast

import pytest

from nst_core.page.visit import shelves
from nst_core.page.visit.shelves import Shelves
from nst_core.page.visit.visits import Kept, Shelf


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(shelves.time, "monotonic", lambda: now[0])
    return now


def test_a_secret_finds_its_shelf_again() -> None:
    known = Shelves()
    secret, shelf = known.find(None)
    assert known.find(secret) == (secret, shelf)
    assert known.find(secret)[1] is shelf
    assert len(secret) > 40
    assert shelf.lasting


@pytest.mark.parametrize("made_up", [None, "", "mine", 5, 2**70, [], {"a": 1}, float("nan")])
def test_a_secret_that_was_not_made_here_is_replaced(made_up: object) -> None:
    known = Shelves()
    first, shelf = known.find(made_up)
    second, other = known.find(made_up)
    assert made_up not in (first, second)
    assert first != second
    assert shelf is not other


def test_there_are_never_too_many(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr(shelves, "MOST_SHELVES", 3)
    known = Shelves()
    first, second, _ = (known.find(None)[0] for _ in range(3))
    known.find(first)  # looked at: the second one gives way
    known.find(None)
    assert len(known) == 3
    assert known.find(first)[0] == first
    assert known.find(second)[0] != second


def test_after_a_day_it_is_forgotten(clock: list[float]) -> None:
    known = Shelves()
    secret, _ = known.find(None)
    clock[0] = shelves.LONGEST_AGE - 1
    assert known.find(secret)[0] == secret
    clock[0] += shelves.LONGEST_AGE
    assert known.find(secret)[0] != secret
    assert len(known) == 1


def test_a_picture_is_expected_until_it_is_kept() -> None:
    shelf, go = Shelf(lasting=True), Event()
    with shelf.expecting():
        assert len(shelf.expected) == 1
    assert not shelf.expected

    def keep() -> Kept:
        go.wait(10)
        return cast(Kept, None)

    shelf.add_later(keep)
    assert len(shelf.expected) == 1
    go.set()
    Shelf().add_later(lambda: pytest.fail("nobody can come back for it"))
