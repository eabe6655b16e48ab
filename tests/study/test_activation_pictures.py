"""Pictures of activations and Gram matrices: flat where they must be, equal where they must be."""

from itertools import pairwise

import numpy as np
import pytest
from helpers import CAT, CHURCH, keras_maps, noise, photo
from PIL import Image

from nst_core import Backbone, ImageError, RecipeError
from nst_core.images.opening import ImageSource
from nst_core.images.sizes import fit, resize
from nst_core.study.activation_pictures import (
    GRAM_SIDE,
    SIZE,
    STRONGEST,
    activation_maps,
    gram_pictures,
)

PHOTO, PAINTING = photo(CAT, 64, 96), photo(CHURCH, 96, 64)


def levels(picture: Image.Image) -> np.ndarray:
    """Brightness H×W; both the greys and the heat colours rise with it."""
    return np.asarray(picture).sum(axis=2, dtype=int)


# Activation maps


def test_maps_of_each_block_have_the_size_of_the_image(backbone: Backbone) -> None:
    maps = activation_maps(photo(CAT, 37, 83), backbone, per_block=2, size=83)
    blocks = [label.split("_")[0] for label, _ in maps]
    assert blocks == [f"block{number}" for number in range(1, 6) for _ in range(2)]
    assert {picture.size for _, picture in maps} == {(83, 37)}
    assert {picture.mode for _, picture in maps} == {"RGB"}


@pytest.mark.parametrize("colour", ["black", "white", "teal"])
def test_constant_image_has_flat_maps(colour: str, backbone: Backbone) -> None:
    maps = activation_maps(Image.new("RGB", (64, 48), colour), backbone, size=64)
    for label, picture in maps:
        assert np.ptp(np.asarray(picture), axis=(0, 1)).max() <= 1, label  # rounding


def test_channels_with_the_most_variance_come_first(backbone: Backbone) -> None:
    expected = keras_maps(backbone, "max", margin=1)(PHOTO)["block1_conv1"]
    order = np.argsort(-expected.var(axis=(0, 1)))
    maps = activation_maps(PHOTO, backbone, per_block=3, size=96)[:3]
    assert [label for label, _ in maps] == [f"block1_conv1, channel {c}" for c in order[:3]]
    best = expected[..., order[0]]
    grey = 255 * np.sqrt(best / best.max())
    np.testing.assert_allclose(np.asarray(maps[0][1])[..., 0], grey, atol=1)


def test_map_of_block_five_is_squares_of_sixteen_px(backbone: Backbone) -> None:
    _, picture = activation_maps(PHOTO, backbone, per_block=1, size=96)[-1]
    squares = np.asarray(picture)[..., 0].reshape(4, 16, 6, 16)
    assert (np.ptp(squares, axis=(1, 3)) == 0).all()
    assert np.ptp(squares) > 0


def test_brightest_square_is_white(backbone: Backbone) -> None:
    for _, picture in activation_maps(PHOTO, backbone, size=96):
        assert levels(picture).max() == 3 * 255


@pytest.mark.parametrize("per_block", [0, 65, 1.5])
def test_number_of_channels_is_checked(per_block: int, backbone: Backbone) -> None:
    with pytest.raises(RecipeError, match="per_block must be a whole number from 1 to 64"):
        activation_maps(PHOTO, backbone, per_block)


# Gram matrices


def shown(
    content: ImageSource,
    style: ImageSource,
    result: ImageSource,
    backbone: Backbone,
    layer: str = "block3_conv1",
) -> dict[str, Image.Image]:
    """The pictures by the first words of their labels."""
    pictures = gram_pictures(content, style, result, backbone, layer)
    return {label.split(":")[0]: picture for label, picture in pictures}


def test_gram_pictures_are_five_squares(backbone: Backbone) -> None:
    pictures = shown(PHOTO, PAINTING, PHOTO, backbone)
    differences = ["content against style", "result against style"]
    assert list(pictures) == ["style", "content", "result", *differences]
    assert {picture.size for picture in pictures.values()} == {(GRAM_SIDE, GRAM_SIDE)}
    assert {picture.mode for picture in pictures.values()} == {"RGB"}


def test_without_a_result_nothing_is_shown_of_it(backbone: Backbone) -> None:
    pictures = gram_pictures(PHOTO, PAINTING, None, backbone)
    everything = gram_pictures(PHOTO, PAINTING, PHOTO, backbone)
    assert pictures == [each for each in everything if not each[0].startswith("result")]


@pytest.mark.parametrize("layer", ["block1_conv1", "block5_conv1"])
def test_result_like_the_style_has_its_gram_matrix_and_no_difference(
    layer: str, backbone: Backbone
) -> None:
    pictures = shown(PHOTO, PAINTING, PAINTING, backbone, layer)
    np.testing.assert_array_equal(pictures["result"], pictures["style"])
    assert levels(pictures["result against style"]).max() == 0
    assert levels(pictures["content against style"]).max() > 0


def test_result_like_the_content_is_as_far_from_the_style(backbone: Backbone) -> None:
    pictures = shown(PHOTO, PAINTING, PHOTO, backbone)
    np.testing.assert_array_equal(
        pictures["result against style"], pictures["content against style"]
    )


def test_labels_tell_the_relative_difference(backbone: Backbone) -> None:
    *_, (before, _), (after, _) = gram_pictures(PHOTO, PAINTING, PAINTING, backbone, "block1_conv1")
    maps = [keras_maps(backbone, "max", margin=1)(resized(image)) for image in (PHOTO, PAINTING)]
    flat = [each["block1_conv1"].reshape(-1, 64) for each in maps]
    content, style = (each.T @ each / len(each) for each in flat)
    distance = np.linalg.norm(content - style) / np.linalg.norm(style)
    assert before == f"content against style: {distance:.0%}"
    assert after == "result against style: 0%"


def resized(image: np.ndarray) -> np.ndarray:
    """The image as the network looks at it."""
    picture = Image.fromarray(image)
    return np.asarray(resize(picture, fit(picture.size, SIZE)))


def test_gram_pictures_are_symmetric(backbone: Backbone) -> None:
    for picture in shown(PHOTO, PAINTING, noise(64, 64, 0), backbone).values():
        values = np.asarray(picture).astype(int)
        np.testing.assert_allclose(values, values.swapaxes(0, 1), atol=3)  # rounding


def test_channels_are_sorted_by_their_strength_in_the_style(backbone: Backbone) -> None:
    style = levels(shown(PHOTO, PAINTING, PHOTO, backbone)["style"])
    diagonal = style.diagonal()[:: GRAM_SIDE // STRONGEST]
    assert len(diagonal) == STRONGEST
    assert all(first >= second for first, second in pairwise(diagonal))


def test_scale_is_common_to_all_pictures(backbone: Backbone) -> None:
    """ImageNet's mean colour hardly stirs the network: its matrix is far below the style's."""
    grey = Image.new("RGB", (64, 64), (124, 117, 104))
    pictures = shown(grey, PAINTING, grey, backbone, "block1_conv1")
    white = 0xFF + 0xF9 + 0xE6
    assert levels(pictures["style"]).max() == white
    assert levels(pictures["result"]).max() < white / 2


def test_unknown_layer_and_bad_images_are_refused(backbone: Backbone, text_as_png: str) -> None:
    with pytest.raises(RecipeError, match=r"layer must be one of block1_conv1, .* not 'conv9'"):
        gram_pictures(PHOTO, PAINTING, PHOTO, backbone, "conv9")
    with pytest.raises(ImageError):
        activation_maps(text_as_png, backbone)
