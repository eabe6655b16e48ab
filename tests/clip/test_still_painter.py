"""Stills painted one after the other: what rests stays, what moves takes its strokes along."""

from typing import Any

import numpy as np
import pytest
from clip.clips import cat, pan, texture
from helpers import CHURCH, photo
from PIL import Image

from nst_core import Job
from nst_core.clip.flow import brought_along, flow_between
from nst_core.clip.still_painter import StillPainter
from nst_core.decoder import decoder
from nst_core.painting.at_once import paint_at_once

STYLE = photo(CHURCH, 80, 64)
SIZE = (96, 64)


def painter(first: np.ndarray, **changes: Any) -> StillPainter:
    return StillPainter(Job.of(first, STYLE, size=96, **changes).opened(), SIZE)


def painted(stills: list[np.ndarray], **changes: Any) -> list[np.ndarray]:
    one = painter(stills[0], **changes)
    return [np.asarray(one.paint(Image.fromarray(still)), int) for still in stills]


def test_the_first_still_is_painted_as_a_photograph_is() -> None:
    (found,) = painted([cat()])
    *_, wanted = paint_at_once(Job.of(cat(), STYLE, size=96, keep_faces=0).opened())
    assert (found == np.asarray(wanted)).all()


def test_what_does_not_move_does_not_change(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    noisy = [(cat() + random.normal(0, 1, cat().shape)).clip(0, 255) for _ in range(3)]
    first, *others = painted([cat(), cat(), *(still.astype(np.uint8) for still in noisy)])
    assert (others[0] == first).all()
    assert max(np.abs(other - first).max() for other in others) <= 2


def test_strokes_move_with_what_they_are_on() -> None:
    stills = pan(6)
    together = painted(stills)
    alone = [painted([still])[0] for still in stills]

    def flicker(pictures: list[np.ndarray]) -> float:
        found = []
        for number in range(1, len(stills)):
            before, now = (stills[each].astype(np.float32) for each in (number - 1, number))
            flow = flow_between(before, now)
            along = brought_along(pictures[number - 1].astype(np.float32), flow.back)
            found.append(((pictures[number] - along) ** 2).mean(2)[flow.known > 0].mean())
        return float(np.mean(found))

    assert flicker(together) < flicker(alone) / 3


def test_a_cut_begins_anew() -> None:
    one, other = cat(), texture(64, 96, 9)
    *_, last = painted([one, one, other])
    (alone,) = painted([other])
    assert np.abs(last - alone).max() <= 1


def test_a_style_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    own = decoder.Decoder.candidates

    def counted(self: decoder.Decoder, *given: object) -> object:
        looks.append(given)
        return own(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(decoder.Decoder, "candidates", counted)
    painted([*pan(4), cat(), *pan(3, seed=40)])
    assert len(looks) == 1  # at the one size that 96 px have


def test_the_clips_colours_are_kept() -> None:
    red = cat()
    red[..., 1:] //= 4
    *_, plain = painted([red, red])
    *_, kept = painted([red, red], keep_colours="luminance")

    def redness(picture: np.ndarray) -> float:
        return float((picture[..., 0] - picture[..., 2]).mean())

    assert abs(redness(kept) - redness(red.astype(int))) < 12
    assert abs(redness(plain) - redness(red.astype(int))) > 20


def test_outside_of_a_mask_the_clip_stays() -> None:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    stills = pan(2)
    *_, last = painted(stills, mask=mask)
    assert np.abs(last[:, 60:] - stills[1][:, 60:]).max() <= 1
    assert np.abs(last[:, :40] - stills[1][:, :40]).mean() > 5
