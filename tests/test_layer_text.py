import pytest

from nst_core import RECIPES, Recipe, RecipeError
from nst_core.layer_text import layers_text, parse_layers


def test_weights_are_read_and_a_missing_one_is_1() -> None:
    text = " block4_conv2 = 0.5,block5_conv2"
    assert parse_layers(text) == {"block4_conv2": 0.5, "block5_conv2": 1.0}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_text_and_back_is_exact(recipe: Recipe) -> None:
    assert parse_layers(layers_text(recipe.style_layers)) == recipe.style_layers


def test_fewer_digits_are_shorter() -> None:
    assert layers_text({"block1_conv1": 2 / 3, "block2_conv1": 1.0}, digits=2) == (
        "block1_conv1=0.67, block2_conv1=1"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not ''"),
        (",".join(f"layer{number}" for number in range(20)), "1 to 19 different names"),
        ("block1_conv1,,block2_conv1", "1 to 19 different names"),
        ("block1_conv1,block1_conv1=2", "1 to 19 different names"),
        ("block1_conv1=high", "The weight of 'block1_conv1' must be a number, not 'high'."),
    ],
)
def test_what_names_no_layers_is_refused(text: str, problem: str) -> None:
    with pytest.raises(RecipeError) as error:
        parse_layers(text)
    assert problem in str(error.value)
    assert len(str(error.value)) < 200
