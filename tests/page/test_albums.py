"""What a tab that is opened again finds, and nobody else."""

from threading import Event
from typing import cast

import pytest

from nst_core.page.visit import albums
from nst_core.page.visit.albums import Albums
from nst_core.page.visit.visits import Album, Kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(albums.time, "monotonic", lambda: now[0])
    return now


def test_a_secret_finds_its_shelf_again() -> None:
    known = Albums()
    secret, album = known.find(None)
    assert known.find(secret) == (secret, album)
    assert known.find(secret)[1] is album
    assert len(secret) > 40
    assert album.lasting


@pytest.mark.parametrize("made_up", [None, "", "mine", 5, 2**70, [], {"a": 1}, float("nan")])
def test_a_secret_that_was_not_made_here_is_replaced(made_up: object) -> None:
    known = Albums()
    first, album = known.find(made_up)
    second, other = known.find(made_up)
    assert made_up not in (first, second)
    assert first != second
    assert album is not other


def filled(known: Albums) -> str:
    """The secret of a album with a picture."""
    secret, album = known.find(None)
    album.add(cast(Kept, None))
    return secret


def test_there_are_never_too_many(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr(albums, "MOST_ALBUMS", 3)
    known = Albums()
    first, second, _ = (filled(known) for _ in range(3))
    known.find(first)  # looked at: the second one gives way
    filled(known)
    assert len(known) == 3
    assert known.find(first)[0] == first
    assert known.find(second)[0] != second


def test_empty_ones_take_nobodys_place_and_are_found_as_long_as_a_tab_is_open() -> None:
    known = Albums()
    kept = filled(known)
    open_secret, open_shelf = known.find(None)
    for _ in range(3 * albums.MOST_ALBUMS):
        known.find(None)
    assert known.find(kept)[0] == kept
    assert known.find(open_secret)[1] is open_shelf
    assert len(known) == 1
    with open_shelf.expecting():
        assert len(known) == 2
    closed = known.find(None)[0]
    assert known.find(closed)[0] != closed


def test_after_a_day_it_is_forgotten(clock: list[float]) -> None:
    known = Albums()
    secret = filled(known)
    clock[0] = albums.LONGEST_AGE - 1
    assert known.find(secret)[0] == secret
    clock[0] += albums.LONGEST_AGE
    assert known.find(secret)[0] != secret
    assert len(known) == 0


def test_a_picture_is_expected_until_it_is_kept() -> None:
    album, go = Album(lasting=True), Event()
    with album.expecting():
        assert len(album.expected) == 1
    assert not album.expected

    def keep() -> Kept:
        go.wait(10)
        return cast(Kept, None)

    album.add_later(keep)
    assert len(album.expected) == 1
    go.set()
    Album().add_later(lambda: pytest.fail("nobody can come back for it"))
