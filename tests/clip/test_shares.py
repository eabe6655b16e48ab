"""Styles whose shares change while a film goes on."""

import itertools
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clip.clips import cat, encode, pan
from helpers import CHURCH, noise, photo
from PIL import Image

from nst_core import OutputError, Painted, RecipeError, paint_film
from nst_core.clip.shares import Shares

RED = Image.fromarray((noise(72, 80, 4) * (0.9, 0.1, 0.1)).astype(np.uint8))
PALE = Image.fromarray(photo(CHURCH, 80, 64))
PAIR = ([1, 0], [0, 1])


@pytest.fixture(scope="module")
def resting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clip") / "clip.mp4", [cat()] * 6)


def paint(clip: Path, *weights: float, stills: int | None = None, **options: Any) -> list[Painted]:
    styles = [(PALE, weights[0]), (RED, weights[1])] if weights else [(PALE, 1), (RED, 1)]
    output = options.pop("output", clip.parent / "film.mp4")
    with closing(paint_film(clip, styles, output, size=64, **options)) as run:
        return list(itertools.islice(run, stills))


def redness(painted: Painted) -> float:
    pixels = np.asarray(painted.picture, float)
    return float((pixels[..., 0] - pixels[..., 1:].mean(2)).mean())


def test_they_go_evenly_from_the_first_to_the_last_still() -> None:
    shares = Shares(([1, 0], [0, 3]), 2, 4.0)
    assert [shares.at(time) for time in (0, 1, 2, 4, 5)] == [
        *([1, 0], [0.75, 0.75], [0.5, 1.5], [0, 3], [0, 3])
    ]
    assert Shares(([1, 0], [0, 1]), 2, 0.0).at(0) == [1, 0]  # a clip of one still


def test_a_function_of_seconds_tells_them() -> None:
    shares = Shares(lambda seconds: (1, seconds**2), 2, None)
    assert [shares.at(time) for time in (0, 3)] == [[1, 0], [1, 9]]


def test_a_style_that_has_all_all_along_is_painted_as_if_alone(resting: Path) -> None:
    wanted = paint(resting, 1, 0)
    found = paint(resting, weights=([2, 0], [1, 0]))
    assert [each.picture for each in found] == [each.picture for each in wanted]


@pytest.mark.parametrize("moves", [False, True])
def test_one_style_goes_evenly_over_into_another(tmp_path: Path, moves: bool) -> None:
    """Also where nothing moves, and a place would be held as it is."""
    number = 16
    clip = encode(tmp_path / "clip.mp4", pan(number) if moves else [cat()] * number)
    one, found, other = (
        np.array([np.asarray(each.picture, float) for each in painted])
        for painted in (paint(clip, 1, 0), paint(clip, weights=PAIR), paint(clip, 0, 1))
    )
    assert (found[0] == one[0]).all()
    way = other - one
    shares = ((found - one) * way).sum((1, 2, 3)) / (way**2).sum((1, 2, 3))
    assert np.abs(shares - np.linspace(0, 1, number)).max() < 0.2
    assert shares[-1] > 0.85


def test_a_function_is_asked_for_each_still(resting: Path) -> None:
    asked: list[float] = []

    def weights(seconds: float) -> list[float]:
        asked.append(seconds)
        return [0, 1] if seconds > 0.25 else [1, 0]

    reds = [redness(each) for each in paint(resting, weights=weights)]
    assert asked[-6:] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=0.001)
    assert max(reds[:3]) + 5 < min(reds[3:])


def test_a_film_goes_on_with_its_shares(resting: Path, tmp_path: Path) -> None:
    wanted = paint(resting, weights=PAIR)
    given: dict[str, Any] = {"output": tmp_path / "film.mp4", "resumable": True}
    paint(resting, weights=PAIR, stills=3, **given)
    with pytest.raises(OutputError, match=r"has another style weights\. Give the same"):
        paint(resting, weights=([1, 0], [1, 1]), **given)
    found = paint(resting, weights=PAIR, **given)
    assert [each.picture for each in found] == [each.picture for each in wanted[2:]]


def test_weights_that_can_not_be(resting: Path, tmp_path: Path) -> None:
    for weights, words in (
        (([1, 0], [0, 1, 2]), r"one number for each style image: 2, not \[0, 1, 2\]"),
        (([1, 0],), r"a pair, those at the beginning and at the end, or a function of seconds"),
        (([1, 0], [0, 0]), "The style weights leave no style image"),
        (([1, 0], [0, -1]), "Each of the style weights must be a finite number from 0 to 1e"),
        (lambda _: 1, "one number for each style image: 2, not 1"),
        (0.5, "must be a pair"),
    ):
        with pytest.raises(RecipeError, match=words):
            paint(resting, weights=weights, output=tmp_path / "film.mp4")
    with pytest.raises(RecipeError, match="does not say how long it is"):
        Shares(([1, 0], [0, 1]), 2, None)
    assert not list(tmp_path.iterdir())
