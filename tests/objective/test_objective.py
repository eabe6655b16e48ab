"""The loss as a callable: its targets, its gradient, its traces, and what it refuses."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from helpers import CAT, CHURCH, MOMENTS, STUDIO, keras_maps, noise, photo

from nst_core import Backbone, Objective, Recipe, RecipeError
from nst_core.loss.comparison import WholeMaps
from nst_core.loss.comparisons import COMPARISONS
from nst_core.loss.scalings import mean

SHALLOW = MOMENTS.changed(
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 0.75, "block2_conv1": 0.25},
)
"""`moments` with few layers: quick."""
CONTENT, STYLE, IMAGE = photo(CAT, 24, 37), photo(CHURCH, 33, 20), noise(24, 37, seed=1)


class SpyBackbone(Backbone):
    """Notes what it is asked for; a traced function asks once, while it is traced."""

    def __init__(self, real: Backbone) -> None:
        super().__init__("spy", "", real.kernels)
        self.wanted: list[set[str]] = []

    def activations(self, image: Any, wanted: Any, *settings: Any) -> Any:
        self.wanted.append(set(wanted))
        return super().activations(image, wanted, *settings)


@pytest.fixture
def spy(backbone: Backbone) -> SpyBackbone:
    return SpyBackbone(backbone)


@pytest.fixture(scope="module")
def objective(backbone: Backbone) -> Objective:
    return Objective(CONTENT, STYLE, SHALLOW, backbone)


# Values


def test_content_has_no_content_loss(objective: Objective) -> None:
    losses = objective(CONTENT)
    assert losses.content == 0
    assert losses.style > 0


def test_style_has_no_style_loss(backbone: Backbone) -> None:
    objective = Objective(CONTENT, STYLE, SHALLOW, backbone)
    worst = objective(CONTENT).style
    assert Objective(STYLE, STYLE, SHALLOW, backbone)(STYLE).style < 1e-9 * worst


def test_total_is_the_sum(objective: Objective) -> None:
    losses = objective(IMAGE)
    assert min(losses.values()) > 0
    assert losses.total == pytest.approx(losses.content + losses.style + losses.variation)


def test_losses_are_plain_floats(objective: Objective) -> None:
    assert [type(value) for value in objective(IMAGE).values()] == [float] * 4


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_arrays_count_like_uint8(objective: Objective, dtype: type) -> None:
    assert objective(IMAGE.astype(dtype)) == pytest.approx(objective(IMAGE), rel=1e-5)


def test_float_arrays_as_content_and_style(backbone: Backbone, objective: Objective) -> None:
    floats = Objective(CONTENT.astype(float), STYLE.astype(float), SHALLOW, backbone)
    assert floats(IMAGE) == pytest.approx(objective(IMAGE), rel=1e-5)


def test_smallest_image(backbone: Backbone) -> None:
    image = noise(16, 16, seed=1)
    losses = Objective(image, image[:, ::-1], STUDIO, backbone)(image)
    assert all(map(math.isfinite, losses.values()))


# Weights


@pytest.mark.parametrize("term", ["content", "style", "variation"])
def test_a_weight_scales_its_term_alone(
    backbone: Backbone, objective: Objective, term: str
) -> None:
    field = f"{term}_weight"
    tripled = SHALLOW.changed(**{field: 3 * getattr(SHALLOW, field)})
    before = objective(IMAGE)
    after = Objective(CONTENT, STYLE, tripled, backbone)(IMAGE)
    expected = {**before, term: 3 * before[term], "total": before["total"] + 2 * before[term]}
    assert after == pytest.approx(expected, rel=1e-5)


def test_layer_weights_scale_their_layers(backbone: Backbone, objective: Objective) -> None:
    layers = SHALLOW.style_layers.items()
    alone = [
        Objective(CONTENT, STYLE, SHALLOW.changed(style_layers={layer: weight}), backbone)(IMAGE)
        for layer, weight in layers
    ]
    assert sum(losses.style for losses in alone) == pytest.approx(objective(IMAGE).style, rel=1e-5)


@pytest.mark.parametrize(("kept", "dropped"), [("content", "style"), ("style", "content")])
def test_reconstruct_keeps_one_term_alone(
    backbone: Backbone, objective: Objective, kept: str, dropped: str
) -> None:
    losses = Objective(CONTENT, STYLE, SHALLOW.changed(reconstruct=kept), backbone)(IMAGE)
    assert getattr(losses, dropped) == 0
    assert losses.variation == 0
    assert losses.total == pytest.approx(getattr(objective(IMAGE), kept), rel=1e-5)


def test_variation_alone_needs_no_network(spy: SpyBackbone, objective: Objective) -> None:
    recipe = SHALLOW.changed(content_weight=0.0, style_weight=0.0)
    losses, gradient = Objective(CONTENT, STYLE, recipe, spy).value_and_gradient(IMAGE)
    assert losses.total == losses.variation == pytest.approx(objective(IMAGE).variation, rel=1e-5)
    assert np.abs(gradient).max() > 0
    assert set().union(*spy.wanted) == set()


# Several styles


def test_gram_matrices_of_several_styles_are_averaged_by_weight(backbone: Backbone) -> None:
    grams = SHALLOW.changed(style_comparison="gram-relative", style_weight=1.0)
    recipe = grams.changed(style_layers={"block1_conv2": 1.0}, padding="zero")
    styles = [noise(20, 30, seed=2), photo(CHURCH, 28, 18)]
    objective = Objective(CONTENT, [(styles[0], 0.5), (styles[1], 1.5)], recipe, backbone)
    maps = keras_maps(backbone, "max")

    def gram(image: np.ndarray) -> np.ndarray:
        flat = maps(image)["block1_conv2"].reshape(-1, 64)
        return flat.T @ flat / len(flat)

    target = 0.25 * gram(styles[0]) + 0.75 * gram(styles[1])
    expected = ((gram(IMAGE) - target) ** 2).mean() / (target**2).mean()
    assert objective(IMAGE).style == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "weights", [(0.0, 0.0), (-1.0, 2.0), (math.nan, 1.0), (math.inf, 1.0), (1e308, 1e308)]
)
def test_style_weights_that_give_no_mean(backbone: Backbone, weights: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"[Ss]tyle weights"):
        Objective(CONTENT, [(STYLE, weight) for weight in weights], SHALLOW, backbone)


def test_no_style_at_all(backbone: Backbone) -> None:
    with pytest.raises(ValueError, match=r"[Ss]tyle"):
        Objective(CONTENT, [], SHALLOW, backbone)


# Gradient


def test_gradient_against_finite_differences(objective: Objective) -> None:
    """In float32, along directions that add up many pixels, since one alone drowns in rounding.

    tests/test_recipes.py does it pixel by pixel in float64.
    """
    image = IMAGE.astype(np.float32)
    losses, gradient = objective.value_and_gradient(image)
    assert losses == pytest.approx(objective(image), rel=1e-5)
    for seed in range(3):
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], image.shape) * np.sign(gradient)
        direction = (np.sign(gradient) + 0.5 * signs).astype(np.float32)
        rise = objective(image + 0.25 * direction).total - objective(image - 0.25 * direction).total
        assert rise / 0.5 == pytest.approx((gradient * direction).sum(), rel=1e-2)


def test_gradient_has_the_images_shape(objective: Objective) -> None:
    _, gradient = objective.value_and_gradient(IMAGE)
    assert gradient.shape == IMAGE.shape
    assert gradient.dtype == np.float32


def test_bfloat16_is_close(backbone: Backbone, objective: Objective) -> None:
    rough = Objective(CONTENT, STYLE, SHALLOW.changed(precision="bfloat16"), backbone)
    (losses, gradient), (exact, exact_gradient) = (
        each.value_and_gradient(IMAGE) for each in (rough, objective)
    )
    assert losses == pytest.approx(exact, rel=0.03)
    cosine = (gradient * exact_gradient).sum() / np.linalg.norm(gradient)
    assert cosine / np.linalg.norm(exact_gradient) > 0.99


# Work that is done once


def test_targets_are_computed_once_and_graphs_traced_once_for_all_sizes(spy: SpyBackbone) -> None:
    """Three traces: of the content's targets, of the style's, and of the loss with its gradient."""
    for size in ((24, 37), (48, 32), (17, 16)):
        content, style = noise(*size, seed=1), noise(*size[::-1], seed=2)
        objective = Objective(content, style, SHALLOW, spy)
        for seed in range(3):
            objective.value_and_gradient(noise(*size, seed=seed))
    content_layers, style_layers = set(SHALLOW.content_layers), set(SHALLOW.style_layers)
    assert spy.wanted == [content_layers, style_layers, content_layers | style_layers]


def test_other_weights_do_not_retrace(spy: SpyBackbone) -> None:
    Objective(CONTENT, STYLE, SHALLOW, spy).value_and_gradient(IMAGE)
    traced = len(spy.wanted)
    changed = SHALLOW.changed(style_weight=7.0, content_weight=0.5, steps=3, learning_rate=1.0)
    Objective(CONTENT, STYLE, changed, spy).value_and_gradient(IMAGE)
    assert len(spy.wanted) == traced


def test_layers_without_weight_are_not_run(spy: SpyBackbone) -> None:
    layers = {"block1_conv1": 1.0, "block5_conv1": 0.0}
    Objective(CONTENT, STYLE, SHALLOW.changed(style_layers=layers), spy)(IMAGE)
    assert "block5_conv1" not in set().union(*spy.wanted)


def test_a_recipes_own_scaling_is_used(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(found: Any, target: Any, shape: Any) -> Any:
        return 2 * mean(found, target, shape)

    name = "activations-mean"
    means = cast(WholeMaps, COMPARISONS[name])
    monkeypatch.setitem(COMPARISONS, "doubled", replace(means, scaling=doubled))
    plain, own = (
        Objective(CONTENT, STYLE, SHALLOW.changed(content_comparison=each), backbone)
        for each in (name, "doubled")
    )
    assert own(IMAGE).content == pytest.approx(2 * plain(IMAGE).content)


# Refusals

BAD_SHAPES = [(24, 37), (24, 37, 4), (24, 37, 1), (1, 1, 24, 37, 3), (15, 37, 3), (24, 15, 3), (0,)]


@pytest.mark.parametrize("shape", BAD_SHAPES)
@pytest.mark.parametrize("role", ["content", "style", "image"])
def test_wrong_shape(
    backbone: Backbone, objective: Objective, shape: tuple[int, ...], role: str
) -> None:
    wrong = np.zeros(shape, np.uint8)
    use: dict[str, Callable[[], object]] = {
        "content": lambda: Objective(wrong, STYLE, SHALLOW, backbone),
        "style": lambda: Objective(CONTENT, wrong, SHALLOW, backbone),
        "image": lambda: objective(wrong),
    }
    with pytest.raises(ValueError, match=f"H×W×3.*{'×'.join(map(str, shape))}"):
        use[role]()


@pytest.mark.parametrize("method", ["__call__", "value_and_gradient"])
def test_image_of_another_size_than_the_content(objective: Objective, method: str) -> None:
    with pytest.raises(ValueError, match=r"\(24, 37, 3\).*\(25, 37, 3\)"):
        getattr(objective, method)(noise(25, 37, seed=1))


@pytest.mark.parametrize("field", ["content_layers", "style_layers"])
def test_layer_that_the_backbone_lacks(backbone: Backbone, field: str) -> None:
    recipe = SHALLOW.changed(**{field: {"block4_conv4": 1.0}})  # VGG19 has it, VGG16 hasn't
    with pytest.raises(RecipeError) as caught:
        Objective(CONTENT, STYLE, recipe, backbone)
    for word in (field, "'block4_conv4'", "block4_conv3"):
        assert word in str(caught.value)


def test_unknown_recipe(backbone: Backbone) -> None:
    with pytest.raises(RecipeError, match=r"'nope'.*studio"):
        Objective(CONTENT, STYLE, "nope", backbone)


def test_auto_precision_is_settled(backbone: Backbone) -> None:
    recipe: Recipe = SHALLOW.changed(precision="auto")
    objective = Objective(CONTENT, STYLE, recipe, backbone)
    assert objective.recipe.precision in {"float32", "bfloat16"}


# Emphasis


def test_emphasis_against_numpy(backbone: Backbone) -> None:
    """Σ count · (F − P)² / Σ P², a position counting as the mean of its pixels."""
    recipe = SHALLOW.changed(padding="zero", pooling="max")
    emphasis = np.ones((24, 37), np.float32)
    emphasis[:12, 10:20] = 4.0
    maps = keras_maps(backbone, "max")
    found, wanted = maps(IMAGE)["block2_conv1"], maps(CONTENT)["block2_conv1"]
    rows, columns = found.shape[:2]
    counts = emphasis[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean((1, 3))
    expected = (counts[:, :, None] * (found - wanted) ** 2).sum() / (wanted**2).sum()
    objective = Objective(CONTENT, STYLE, recipe, backbone, emphasis=emphasis)
    assert objective(IMAGE).content == pytest.approx(recipe.content_weight * expected, rel=1e-3)


def test_emphasis_of_once_changes_nothing(backbone: Backbone, objective: Objective) -> None:
    once = np.ones((24, 37), np.float32)
    emphasised = Objective(CONTENT, STYLE, SHALLOW, backbone, emphasis=once)
    assert emphasised(IMAGE) == pytest.approx(objective(IMAGE), rel=1e-5)


def test_emphasis_of_another_size_is_refused(backbone: Backbone) -> None:
    with pytest.raises(ValueError, match="emphasis must have the content image's size"):
        Objective(CONTENT, STYLE, SHALLOW, backbone, emphasis=np.ones((24, 36), np.float32))
