"""A picture painted in dots."""

import numpy as np

from drawing.easel import Easel, at, ramp, scatter
from drawing.tools import LANDSCAPE, Floats, blur, colours, grid, noise, relief

SKY = colours("3d4f9e 7f8fd0 c9a4cf f2b8a0 f8d27a fbe9a4")
SEA = colours("123a5e 1f6f8f 3fa3a0 8fcfb4 f2c98a f7e2a8")
LAND = colours("2b2a63 3f3f8a 7a4f93 b8577c 2f7a4f 7fae45")
TREES = colours("10233f 173f3f 1f5f3f 4f8f3a a8b83f")
SPARKS = colours("f26b3a f9c33c 3a5fc4 e04f7f 35a38f fff1c9 6b3fa0 f08fb0")
"""Pure hues set among the others."""


def pointillist_dots() -> Floats:
    """A bay at evening in dots of pure colour, complements side by side."""
    rng = np.random.default_rng(1886)
    scene, angle = _bay(rng)
    easel = Easel(LANDSCAPE, colours("e9d9b4")[0])
    for spacing, radius, stray in ((26, 17, 0.10), (19, 12, 0.25), (17, 9.5, 0.35), (22, 7.5, 0.5)):
        _dots(easel, scene, angle, spacing, radius, stray, rng)
    colour, height = easel.dry()
    thick = blur(height, 0.8) + 0.03 * noise(LANDSCAPE, 3, rng, 2)
    linen = noise(LANDSCAPE, (2, 9), rng) + noise(LANDSCAPE, (9, 2), rng)
    return colour * (1 + 0.13 * relief(thick, 4.0) + 0.014 * linen)[..., None]


def _bay(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The scene's colours and the directions its dots follow."""
    shape = LANDSCAPE
    y, x = grid(shape)
    sun = np.hypot(y - 520, 1.0 * (x - 1330))
    glow = np.exp(-sun / 420)
    ripple = noise(shape, (26, 150), rng, 2)
    sky = ramp(SKY, 0.12 + 0.25 * y / 700 + 0.75 * glow + 0.07 * noise(shape, (110, 330), rng, 2))
    sky = np.where((sun < 88)[..., None], colours("fff2c0"), sky)
    path = np.exp(-(((x - 1330) / (110 + 0.28 * (y - 760))) ** 2))
    sea = ramp(SEA, 0.30 - 0.20 * (y - 760) / 780 + 0.14 * ripple + 0.62 * path)
    shore = 760 - 150 * np.exp(-(((x - 420) / 420) ** 2)) - 90 * np.exp(-(((x - 1750) / 260) ** 2))
    shore += 14 * noise(shape, (4000, 60), rng, 2) - 20
    land = ramp(LAND, 0.30 + 0.9 * (y - shore) / 300 + 0.12 * noise(shape, 70, rng, 2))
    scene = np.where((y < 760)[..., None], np.where((y > shore)[..., None], land, sky), sea)
    crown = np.minimum(np.hypot((y - 360) / 1.15, x - 180) - 330, np.hypot(y - 700, x - 60) - 300)
    crown = np.minimum(crown, np.abs(x - 215 - 0.05 * (y - 900)) - 44 + 900 * (y < 500))
    bank = 1290 + 110 * np.sin(x / 430 + 2.2) - y
    crown = np.minimum(crown, bank) + 30 * noise(shape, 80, rng, 3)
    dark = ramp(
        TREES, 0.33 + 0.15 * noise(shape, 110, rng, 2) - 0.0012 * crown - 0.0004 * (y - 700)
    )
    scene = np.where((crown < 0)[..., None], dark, scene)
    swirl = np.arctan2(y - 520, x - 1330) + np.pi / 2
    angle = np.where(y > 760, 0.05 * ripple, swirl)
    angle = np.where(crown < 0, 1.2 + 0.9 * noise(shape, 300, rng), angle)
    return scene.astype(np.float32), angle.astype(np.float32)


def _dots(
    easel: Easel, scene: Floats, angle: Floats, spacing: float, radius: float, stray: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """One layer of dabs; the share `stray` of them takes a neighbouring or a pure hue."""
    places = scatter(LANDSCAPE, spacing, rng)
    shades = at(scene, places + rng.normal(0, 11, places.shape))
    turns = at(angle, places) + rng.normal(0, 0.25, len(places))
    pure = SPARKS[rng.integers(0, len(SPARKS), len(places))]
    light = shades.mean(1, keepdims=True)
    complement = np.clip(2 * light - shades, 0, 1) * 0.8 + 0.2 * pure
    pick = rng.random((len(places), 1))
    shades = np.where(pick < stray * 0.55, 0.55 * shades + 0.45 * complement, shades)
    shades = np.where(pick > 1 - stray * 0.45, 0.42 * shades + 0.58 * pure, shades)
    warmth = rng.normal(0, 0.055, (len(places), 1)) * np.array([1.0, 0.1, -1.0])
    shades = light + 1.25 * (shades - light) + warmth + rng.normal(0, 0.03, shades.shape)
    round_ = np.linspace(0, 2 * np.pi, 13)[:-1]
    for place, shade, turn in zip(places, shades, turns, strict=True):
        size = radius * rng.uniform(0.7, 1.2)
        edge = size * (1 + rng.normal(0, 0.07, 12))
        along, aside = 1.22 * edge * np.cos(round_), 0.84 * edge * np.sin(round_)
        y = place[0] + along * np.sin(turn) + aside * np.cos(turn)
        x = place[1] + along * np.cos(turn) - aside * np.sin(turn)
        easel.blob(np.stack([y, x], 1), shade, 90 + 120 * rng.random())
