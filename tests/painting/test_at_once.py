"""Painting at once: sizes, places, colours, what is kept of a style, and the start of a run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, ROOT, noise, photo
from PIL import Image

from nst_core import Backbone, Job, RecipeError, stylize
from nst_core.painting import at_once
from nst_core.painting.at_once import KeptStyle, decoded, paint_at_once
from nst_core.painting.sized import SizedImages

STYLE, OTHER = photo(CHURCH, 70, 56), noise(40, 48, 3)


def painted(content: Any = CAT, style: Any = CHURCH, **changes: Any) -> list[np.ndarray]:
    job = Job.of(content, style, **{"size": 128, **changes}).opened()
    return [np.asarray(picture, int) for picture in paint_at_once(job)]


def test_pictures_come_coarse_to_fine() -> None:
    assert [max(picture.shape) for picture in painted(size=256)] == [64, 128, 256]


def test_a_small_photograph_has_one_size(tmp_path: Path) -> None:
    Image.fromarray(noise(20, 32, 1)).save(tmp_path / "small.png")
    (picture,) = painted(tmp_path / "small.png", size=32)
    assert picture.shape == (20, 32, 3)


def test_a_style_of_one_colour_gives_that_colour() -> None:
    blue = np.full((64, 64, 3), (30, 60, 180), np.uint8)
    *_, picture = painted(style=blue, style_strength=10)  # with nothing of the photograph's own
    assert np.abs(picture.mean(axis=(0, 1)) - (30, 60, 180)).max() < 25


def test_a_face_is_kept_and_hardly_anything_else() -> None:
    astronaut = ROOT / "examples" / "content" / "astronaut.jpg"
    photograph = np.asarray(Image.open(astronaut).convert("RGB").resize((128, 128)), int)
    (*_, plain), (*_, kept) = painted(astronaut, keep_faces=0), painted(astronaut, keep_faces=6)

    def off(picture: np.ndarray) -> float:
        """Grey levels of the face."""
        return float(np.abs(picture - photograph)[24:42, 48:64].mean())

    assert off(kept) < 0.8 * off(plain)
    assert np.abs(kept - plain)[100:].mean() < 1  # from the coarsest size on, its columns reach far


def test_beside_a_mask_the_photograph_stays() -> None:
    mask = np.zeros((85, 128), np.uint8)
    mask[:, :64] = 255
    *_, whole = painted()
    *_, half = painted(mask=mask)
    content = np.asarray(Image.open(CAT).convert("RGB").resize((128, 85)), int)
    assert np.abs(half[:, 70:] - content[:, 70:]).mean() < 4  # by another resampling
    assert np.abs(half[:, :50] - whole[:, :50]).mean() < 8
    *_, other = painted(mask=mask, outside=OTHER)
    assert np.abs(other[:, 70:] - content[:, 70:]).mean() > 10


def test_the_photographs_colours_can_be_kept() -> None:
    *_, picture = painted(keep_colours="luminance")
    *_, plain = painted()
    content = np.asarray(Image.open(CAT).convert("RGB").resize((128, 85)), int)

    def chroma(image: np.ndarray) -> np.ndarray:
        return np.asarray(image[..., 0] - image[..., 2])

    assert np.abs(chroma(picture) - chroma(content)).mean() < 12
    assert np.abs(chroma(plain) - chroma(content)).mean() > 20


def test_a_mixture_lies_between() -> None:
    one, other, both = (
        painted(style=style)[-1] for style in (STYLE, OTHER, [(STYLE, 1.0), (OTHER, 1.0)])
    )
    assert np.abs(both - one).mean() < np.abs(other - one).mean()


def test_more_pixels_than_there_is_room_for() -> None:
    with pytest.raises(RecipeError, match="At once a picture has at most 2048 px, not 3072"):
        painted(size=3072)


def test_a_kept_style_paints_one_photograph_after_the_other() -> None:
    kept = KeptStyle(Image.fromarray(STYLE), (64, 128))
    with Image.open(CAT) as content:
        one, other = (kept.paint(content.convert("RGB")) for _ in range(2))
    assert one.size == (128, 85)
    assert one == other


@pytest.mark.parametrize(("strength", "calmer"), [(0, -5), (4, -1), (-8, -10)])
def test_a_run_can_begin_with_a_calmer_one(
    strength: float, calmer: float, backbone: Backbone
) -> None:
    *_, wanted = painted(style_strength=calmer)
    changes: dict[str, Any] = {"size": 128, "steps": 1, "learning_rate": 1e-3, "coarsest": None}
    changes |= {"start": "decoder", "style_strength": strength}
    *_, final = stylize(CAT, CHURCH, "moments", backbone, **changes)
    assert np.abs(np.asarray(final.image, int) - wanted).max() <= 1


def test_a_run_that_begins_larger_enlarges_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_once, "LARGEST", 64)
    images = SizedImages(Job.of(CAT, CHURCH).opened())
    assert decoded(images, (128, 85), strength=0).shape == (85, 128, 3)
