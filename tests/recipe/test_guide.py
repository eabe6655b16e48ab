from nst_core import RECIPES
from nst_core.kinds import kinds
from nst_core.recipe.adam import Adam
from nst_core.recipe.guide import (
    AT_HAND,
    GUIDE,
    HOW_IT_WORKS,
    SOURCES,
    TITLES,
    controls_text,
    recipe_text,
    recipe_title,
)


def test_every_entry_is_a_field_and_says_something() -> None:
    known = {"optimizer", *RECIPES["studio"].field_kinds, *kinds(Adam)}
    entries = [pair for group in GUIDE.values() for pair in group.items()]
    assert {name for name, _ in entries} <= known
    assert len({entry.label for _, entry in entries}) == len(entries)
    assert all(entry.sentence.endswith(".") for _, entry in entries)


def test_the_controls_text_has_every_entry_under_its_group() -> None:
    lines = controls_text().splitlines()
    assert lines[0] == "## A guide to the controls"
    where = lines.index("**Where it begins**")
    assert lines[where + 2].startswith("- *Start image*: What the first picture is: ")
    entries = len(AT_HAND) + sum(map(len, GUIDE.values()))
    assert sum(line.startswith("- *") for line in lines) == entries


def test_a_recipe_s_source_is_a_link() -> None:
    text = recipe_text(RECIPES["tf-eager"])
    assert text.startswith("The TensorFlow blog's: ")
    assert text.endswith(
        "[https://blog.tensorflow.org/2018/08](https://blog.tensorflow.org/2018/08)"
    )
    assert recipe_text(RECIPES["course"]).endswith("the deep-learning course's assignment")


def test_how_it_works_names_the_three_terms_and_their_sources() -> None:
    for term in ("**The content term**", "**The style term**", "**Total variation**"):
        assert term in HOW_IT_WORKS
    for author in ("Gatys", "Simonyan", "Mahendran"):
        (entry,) = (part for part in SOURCES.split("\n- ") if author in part)
        assert "](https://arxiv.org/abs/" in entry


def test_every_recipe_has_a_title_that_names_it() -> None:
    assert set(TITLES) == set(RECIPES)
    titles = {name: recipe_title(recipe) for name, recipe in RECIPES.items()}
    assert len({*titles.values()}) == len(titles)
    assert all(name in title.lower() for name, title in titles.items())
    assert titles["studio"] == "Studio: this project's own"
    assert titles["keras-book"] == "Keras book: Chollet 2017 (keras-book)"


def test_one_word_for_the_photo_and_one_for_the_style() -> None:
    texts = [HOW_IT_WORKS, controls_text()]
    assert not [
        word
        for word in ("photograph", "painting's", "content image")
        for text in texts
        if word in text
    ]
