"""Pictures with a link: what is kept of them, for how long, and who can have them deleted."""

import errno
import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import CAT
from PIL import Image

from nst_core.errors import ImageError, OutputError
from nst_core.images import saving
from nst_core.page.hosting import links as module
from nst_core.page.hosting.links import LINKED, LONGEST_SIDE, PHOTO, PICTURE, Link, Links
from nst_core.page.hosting.sweeping import Sweeper
from nst_core.page.look.link_page import About

ABOUT = About("In the style of stained glass", "cat")
DAY = 24 * 60 * 60.0
Pair = tuple[Path, Path]


class Clock:
    """Stands still, but for where `now`, in seconds, is set."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A picture with a text inside, and its photograph, which tells where it was taken."""
    picture, before = tmp_path / "me at home.png", tmp_path / "me at home.jpg"
    saving.save_png(Image.new("RGB", (60, 40), "navy"), picture, {"nst": "seed 5"})
    exif = Image.Exif()
    exif[0x010E], exif[0x8825] = "a secret", {1: "N", 2: (50.0, 6.0, 7.0)}
    Image.new("RGB", (60, 40), "green").save(before, exif=exif, comment=b"a secret")
    return picture, before


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(tmp_path: Path, clock: Clock) -> Links:
    return Links(tmp_path / LINKED, 24, 10, clock)


def files_of(links: Links, folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / LINKED).rglob("*.*"))


def test_what_is_kept_are_two_pictures_with_nothing_but_pixels(links: Links, pair: Pair) -> None:
    link = links.make(*pair, ABOUT)
    assert links.find(link.token) == link
    assert (link.size, link.about) == ((60, 40), ABOUT)
    assert sorted(path.name for path in link.folder.iterdir()) == [PHOTO, PICTURE]
    for name, colour in ((PICTURE, (0, 0, 128)), (PHOTO, (0, 128, 0))):
        data = (link.folder / name).read_bytes()
        assert b"secret" not in data
        assert b"seed" not in data
        assert b"Exif" not in data
        with Image.open(link.folder / name) as image:
            assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (60, 40), {})
            pixel = image.getpixel((30, 20))
            assert isinstance(pixel, tuple)
            assert max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 8


def test_a_print_is_made_smaller_and_its_photograph_with_it(links: Links, tmp_path: Path) -> None:
    Image.new("RGB", (4096, 1024)).save(tmp_path / "print.png")
    link = links.make(tmp_path / "print.png", CAT, ABOUT)
    assert link.size == (LONGEST_SIDE, 512)
    for name in (PICTURE, PHOTO):
        with Image.open(link.folder / name) as image:
            assert image.size == link.size


def test_tokens_and_keys_are_each_its_own_and_not_shown(links: Links, pair: Pair) -> None:
    made = [links.make(*pair, ABOUT) for _ in range(3)]
    assert len({text for link in made for text in (link.token, link.key)}) == 6
    assert all(len(text) == 32 for link in made for text in (link.token, link.key))
    assert made[0].token not in repr(made[0])
    assert made[0].key not in repr(made[0])
    assert not any(made[0].token in str(path) for path in made[0].folder.parent.rglob("*"))


def test_it_is_gone_after_its_hours(links: Links, pair: Pair, clock: Clock) -> None:
    link = links.make(*pair, ABOUT)
    clock.now += DAY - 1
    assert links.find(link.token) == link
    assert links.left(link) == 1
    clock.now += 1
    assert links.find(link.token) is None
    assert not links.delete(link.token, link.key)
    assert link.folder.exists()
    links.sweep()
    assert (len(links), link.folder.exists()) == (0, False)


def test_only_its_own_key_deletes_it_and_at_once(links: Links, pair: Pair) -> None:
    one, other = links.make(*pair, ABOUT), links.make(*pair, ABOUT)
    for key in (other.key, one.token, "", "é", "\udcff".encode("utf-8", "replace").decode(), "\0"):
        assert not links.delete(one.token, key)
    assert not links.delete("x", one.key)
    assert links.find(one.token) == one
    assert links.delete(one.token, one.key)
    assert (links.find(one.token), one.folder.exists()) == (None, False)
    assert not links.delete(one.token, one.key)
    assert links.find(other.token) == other


def test_beyond_what_all_may_take_the_oldest_go(pair: Pair, tmp_path: Path, clock: Clock) -> None:
    length = Links(tmp_path / "other", 1, 1).make(*pair, ABOUT).length
    links = Links(tmp_path / LINKED, 24, 3.5 * length / 10**6, clock)
    made = [links.make(*pair, ABOUT) for _ in range(5)]
    assert [links.find(link.token) is not None for link in made] == [False] * 2 + [True] * 3
    assert [link.folder.exists() for link in made] == [False] * 2 + [True] * 3


def test_one_that_is_larger_than_all_may_be_is_there_alone(pair: Pair, tmp_path: Path) -> None:
    links = Links(tmp_path / LINKED, 24, 0.0001)
    made = [links.make(*pair, ABOUT) for _ in range(2)]
    assert [links.find(link.token) is not None for link in made] == [False, True]


def test_there_are_so_many_at_most(
    links: Links, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LINKS", 2)
    made = [links.make(*pair, ABOUT) for _ in range(3)]
    assert [links.find(link.token) is not None for link in made] == [False, True, True]


def test_a_full_disk_costs_nothing_and_leaves_nothing(
    links: Links, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = links.make(*pair, ABOUT)

    def full(*_: object) -> Iterator[Path]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(saving, "_locked_part", full)
        with pytest.raises(OutputError, match=r"^The picture of the link could not be written"):
            links.make(*pair, ABOUT)
    assert links.find(link.token) == link
    assert files_of(links, tmp_path) == [PHOTO, PICTURE]
    assert len(list((tmp_path / LINKED).iterdir())) == 1


def test_a_picture_that_was_deleted_has_none(links: Links, pair: Pair, tmp_path: Path) -> None:
    pair[0].unlink()
    with pytest.raises(ImageError, match="was deleted, as pictures are after a day"):
        links.make(*pair, ABOUT)
    assert list((tmp_path / LINKED).iterdir()) == []


def test_guessing_finds_nothing_and_is_not_remembered(links: Links, pair: Pair) -> None:
    link = links.make(*pair, ABOUT)
    guesses = [secrets.token_urlsafe(24) for _ in range(10_000)]
    near = [link.token[:-1], f"{link.token}A", link.token.swapcase(), link.key, "", "x" * 10**6]
    assert not any(links.find(guess) for guess in (*guesses, *near))
    assert not any(links.delete(link.token, guess) for guess in guesses)
    assert len(links) == 1


def test_many_at_a_time(links: Links, pair: Pair) -> None:
    """Made, deleted and swept at once: what was not deleted is there, and nothing else."""

    def make(number: int) -> Link:
        link = links.make(*pair, ABOUT)
        if number % 2:
            assert links.delete(link.token, link.key)
        links.sweep()
        return link

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(40)))
    there = [links.find(link.token) is not None for link in made]
    assert there == [not number % 2 for number in range(40)]
    assert [link.folder.exists() for link in made] == there
    with ThreadPoolExecutor(8) as pool:
        deleted = list(pool.map(lambda _: links.delete(made[0].token, made[0].key), range(8)))
    assert links.find(made[0].token) is None
    assert any(deleted)


def test_the_sweeper_of_visitors_files_leaves_them_their_time(
    links: Links, pair: Pair, tmp_path: Path
) -> None:
    sweeper = Sweeper(tmp_path, age=0, streamed_age=0)
    link = links.make(*pair, ABOUT)
    (tmp_path / "upload.png").touch()
    for path in (tmp_path / "upload.png", *link.folder.iterdir()):
        os.utime(path, (1, 1))
    sweeper.sweep()
    assert not (tmp_path / "upload.png").exists()
    assert len(list(link.folder.iterdir())) == 2
