"""Training: that it learns, is the same again, goes on, keeps its head, and what it refuses."""

import math
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import CAT, CHURCH, noise, photo
from PIL import Image

from nst_core.decoder.decoder_file import load_decoder, own_decoder, save_decoder
from nst_core.errors import ImageError, NetworkError, OutputError, RecipeError, TrainingError
from nst_core.fast.__main__ import main
from nst_core.fast.decoder_loss import WEIGHTS
from nst_core.fast.decoding import plain_ground
from nst_core.fast.network_files import load_network
from nst_core.fast.photographs import FEWEST, HELD_OUT, Photographs
from nst_core.fast.trainer import Trainer
from nst_core.fast.training import train, train_decoder
from nst_core.fast.training_course import Schedule
from nst_core.fast.training_loss import TrainingLoss
from nst_core.network.backbone import Backbone
from nst_core.network.tensorflow import tf
from nst_core.objective.objective import Objective
from nst_core.recipe.catalogue import RECIPES

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
MOSAIC = EXAMPLES / "style" / "stained-glass.jpg"
STYLES = {"church": CHURCH, "glass": MOSAIC}
QUICK = Schedule(steps=60, crop=64, batch=2, every=20, learning_rate=3e-3)
FLOAT: dict[str, Any] = {"backbone": "embedded", "precision": "float32"}
SHALLOW: dict[str, Any] = {
    **FLOAT,
    "content_layers": {"block2_conv1": 1.0},
    "style_layers": {"block1_conv1": 0.75, "block2_conv1": 0.25},
}
"""With few layers: quick."""


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example photographs, small, and parts of them."""
    folder = tmp_path_factory.mktemp("photos")
    for number, path in enumerate(sorted((EXAMPLES / "content").glob("*.jpg"))):
        image = Image.open(path)
        image.draft("RGB", (300, 300))
        image.thumbnail((220, 220))
        image.convert("RGB").save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def trained(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    """The file, and all progress."""
    path = tmp_path_factory.mktemp("trained") / "both.npz"
    return path, list(train(STYLES, photos, path, schedule=QUICK, **FLOAT))


@pytest.mark.slow
def test_sixty_steps_lower_the_loss_threefold(trained: tuple[Path, list[Any]]) -> None:
    _, progress = trained
    assert [each.step for each in progress] == list(range(1, 61))
    looks = [each.held_out.total for each in progress if each.kept]
    assert looks[-1] < progress[0].loss / 3
    assert looks == sorted(looks, reverse=True)
    assert [each.final for each in progress] == [False] * 59 + [True]
    assert progress[-1].remaining == 0
    assert progress[-1].picture.size == (2 * 64, 64)  # one of each style


@pytest.mark.slow
def test_the_file_is_the_best_network_and_tells_its_story(trained: tuple[Path, list[Any]]) -> None:
    path, progress = trained
    network = load_network(path)
    assert network.styles == ("church", "glass")
    story = network.story
    best = min(each.held_out.total for each in progress if each.kept)
    held_out = story["held_out"]
    assert isinstance(held_out, dict)
    assert held_out["total"] == pytest.approx(best, abs=1e-4)
    assert (story["recipe"], story["crop"], story["batch"], story["seed"]) == ("moments", 64, 2, 0)
    assert story["steps"] in (20, 40, 60)
    assert not path.with_suffix(".training.npz").exists()
    pictures = [network.paint(Image.open(CAT), style, 64) for style in network.styles]
    assert pictures[0] != pictures[1]


@pytest.mark.slow
def test_an_interrupted_training_ends_as_one_of_the_same_seed_that_was_not(
    photos: Path, tmp_path: Path
) -> None:
    schedule = Schedule(steps=8, crop=64, batch=2, every=4)
    whole = list(train(STYLES, photos, tmp_path / "whole.npz", schedule=schedule, **SHALLOW))
    output = tmp_path / "parts.npz"
    run = train(STYLES, photos, output, schedule=schedule, **SHALLOW)
    parts = list(islice(run, 3))
    run.close()
    assert (tmp_path / "parts.training.npz").exists()
    parts += train(STYLES, photos, output, schedule=schedule, **SHALLOW)
    assert [each.step for each in parts] == [each.step for each in whole]
    assert "Going on after step 3" in parts[3].message
    for one, other in zip(parts, whole, strict=True):
        assert one.loss == pytest.approx(other.loss, rel=1e-3)
    networks = [load_network(tmp_path / name) for name in ("whole.npz", "parts.npz")]
    for name, values in networks[0].parameters.items():
        np.testing.assert_allclose(values, networks[1].parameters[name], atol=2e-3)
    assert not (tmp_path / "parts.training.npz").exists()


def test_an_interrupted_training_of_something_else_is_left_alone(
    photos: Path, tmp_path: Path
) -> None:
    output, beside = tmp_path / "a.npz", tmp_path / "a.training.npz"
    run = train(STYLES, photos, output, schedule=QUICK, **SHALLOW)
    next(run)
    run.close()
    before = beside.read_bytes()
    with pytest.raises(TrainingError, match=r"training of something else, 'a.training.npz'"):
        train({"church": CHURCH}, photos, output, schedule=QUICK, **SHALLOW)
    assert beside.read_bytes() == before
    beside.write_bytes(b"garbage")
    with pytest.raises(NetworkError, match="is damaged: remove it"):
        train(STYLES, photos, output, schedule=QUICK, **SHALLOW)


@pytest.mark.slow
@pytest.mark.parametrize("told", [float("nan"), 1.0], ids=["told", "just before a look"])
def test_a_loss_that_is_no_number_is_gone_back_from(
    told: float, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, rates = Trainer.step, []

    def step(self: Trainer, *given: Any) -> float:
        rates.append(given[-1])
        loss = real(self, *given)
        if len(rates) == 4:
            for variable in self._parameters.values():
                variable.assign(variable * np.nan)
            return told  # a gradient may be no number where its loss is one
        return loss

    monkeypatch.setattr(Trainer, "step", step)
    schedule = Schedule(steps=8, crop=64, batch=2, every=2)
    progress = list(train(STYLES, photos, tmp_path / "a.npz", schedule=schedule, **SHALLOW))
    assert "no finite number at step 4" in progress[3].message
    assert "half as large" in progress[3].message
    assert all(np.isfinite(each.loss) for each in progress[4:])
    assert rates[4] / 5 == pytest.approx(rates[2] / 3 / 2)  # of the warm-up, halved
    assert progress[-1].final


def test_a_loss_that_never_is_a_number_ends_with_a_sentence(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="smaller weights or a smaller learning rate"):
        list(
            train(STYLES, photos, tmp_path / "a.npz", schedule=QUICK, style_weight=1e38, **SHALLOW)
        )


def test_the_lesson_is_the_objective_image_by_image(backbone: Backbone) -> None:
    recipe = RECIPES["moments"].changed(precision="float32")
    images = [Image.open(path).convert("RGB") for path in STYLES.values()]
    training_loss = TrainingLoss(images, recipe, backbone)
    photographs = np.stack([photo(CAT, 48, 48), noise(48, 48, 1)]).astype(np.float32)
    pictures = np.stack([noise(48, 48, 2), photo(CAT, 48, 48)]).astype(np.float32)
    found = training_loss.losses(
        tf.constant(pictures), tf.constant(photographs), tf.constant([1, 0])
    )
    alone = [
        Objective(photographs[place], training_loss.looked_at(images[style]), recipe, backbone)(
            pictures[place]
        )
        for place, style in enumerate((1, 0))
    ]
    told = training_loss.as_losses(found)
    for name in ("total", "content", "style", "variation"):
        wanted = np.mean([each[name] for each in alone])
        assert told[name] == pytest.approx(wanted, rel=1e-3), name


def test_a_decoder_learns_and_goes_on(photos: Path, tmp_path: Path) -> None:
    output = tmp_path / "decoder.npz"
    schedule = Schedule(steps=6, crop=32, batch=2, every=3, learning_rate=3e-3)
    run = train_decoder(photos, photos, output, schedule)
    parts = list(islice(run, 4))
    run.close()
    parts += train_decoder(photos, photos, output, schedule)
    assert [each.step for each in parts] == [1, 2, 3, 4, 5, 6]
    assert "Going on after step 4" in parts[4].message
    assert parts[-1].held_out.total < parts[0].loss
    assert set(parts[-1].held_out) == {"total", *WEIGHTS}
    story = load_decoder(output).story
    assert (story["photographs"], story["pictures"]) == (9 - HELD_OUT, 9 - HELD_OUT)


def test_a_decoder_is_trained_further(photos: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    schedule = Schedule(steps=2, crop=32, batch=2, every=1)
    list(train_decoder(photos, photos, first, schedule))
    quiet = replace(schedule, steps=1, learning_rate=1e-6)
    (progress,) = train_decoder(photos, photos, second, quiet, start=first)
    before, after = load_decoder(first), load_decoder(second)
    for name, values in before.parameters.items():
        np.testing.assert_allclose(after.parameters[name], values, atol=1e-3, err_msg=name)
    assert after.story["start"] == before.story
    assert math.isfinite(progress.held_out.total)


@pytest.mark.parametrize("name", ["a network", "nothing", "the output"])
def test_what_no_decoder_can_start_from(photos: Path, tmp_path: Path, name: str) -> None:
    output = tmp_path / "decoder.npz"
    start = output if name == "the output" else tmp_path / "start.npz"
    if name == "the output":
        save_decoder(own_decoder(), output)
    elif name == "a network":
        start.write_bytes(b"no network")
    with pytest.raises(NetworkError if start != output else OutputError):
        train_decoder(photos, photos, output, start=start)


def test_a_decoder_takes_no_crop_that_columns_do_not_fill(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="a multiple of 32 px, not 50 px"):
        train_decoder(photos, photos, tmp_path / "a.npz", Schedule(crop=50))


def test_plain_grounds_are_plain() -> None:
    grounds = [plain_ground(np.random.default_rng(seed), 32) for seed in range(40)]
    rough = [np.abs(np.diff(ground.astype(int), axis=1)).mean() for ground in grounds]
    assert max(rough) < 20
    assert sum(ground.std(axis=(0, 1)).max() == 0 for ground in grounds) >= 3


def test_batches_are_the_same_for_a_step_and_others_for_others(photos: Path) -> None:
    some = Photographs(photos, 64, 0)
    assert some.count == 9 - HELD_OUT
    batch = some.batch(5, 3)
    assert (batch.shape, batch.dtype) == ((3, 64, 64, 3), np.uint8)
    assert np.array_equal(batch, Photographs(photos, 64, 0).batch(5, 3))
    assert not np.array_equal(batch, some.batch(6, 3))
    assert not np.array_equal(batch, Photographs(photos, 64, 1).batch(5, 3))


def test_black_crops_are_not_trained_on(tmp_path: Path) -> None:
    for number in range(FEWEST):
        half = noise(80, 160, number)
        half[:, :80] = 0
        Image.fromarray(half).save(tmp_path / f"{number}.png")
    batches = np.concatenate([Photographs(tmp_path, 64, 0).batch(step, 4) for step in range(10)])
    assert (batches.mean((1, 2, 3)) > 12).all()


def test_files_that_can_not_be_used_are_told_and_left_out(photos: Path, tmp_path: Path) -> None:
    for path in photos.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "text.jpg").write_text("no picture")
    Image.new("RGB", (40, 400)).save(tmp_path / "thin.png")
    some = Photographs(tmp_path, 64, 0)
    assert some.count == 9 - HELD_OUT
    assert len(some.refused) == 2
    run = train(STYLES, tmp_path, tmp_path / "a.npz", schedule=QUICK, **SHALLOW)
    message = next(run).message
    run.close()
    assert "2 of the photographs can't be used" in message


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"photographs": "none"}, ImageError, "can't be read"),
        ({"output": "none/a.npz"}, OutputError, "folder does not exist"),
        ({"styles": {}}, NetworkError, "1 to 100 styles"),
        ({"styles": {"../a": CAT}}, NetworkError, "not '../a'"),
        ({"styles": {"a": "none.jpg"}}, ImageError, "does not exist"),
        ({"recipe": "oil"}, RecipeError, "oil"),
        ({"style_weight": -1}, RecipeError, "style_weight"),
    ],
)
def test_what_can_not_be_trained(
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    error: type,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    given: dict[str, Any] = {"styles": STYLES, "photographs": photos, "output": "a.npz", **changes}
    with pytest.raises(error, match=words):
        train(**given)
    assert not list(tmp_path.iterdir())


def test_too_few_photographs(tmp_path: Path) -> None:
    for number in range(FEWEST - 1):
        Image.fromarray(noise(80, 80, number)).save(tmp_path / f"{number}.png")
    Image.fromarray(noise(40, 80, 9)).save(tmp_path / "9.png")
    with pytest.raises(TrainingError, match=r"at least 8 .*64 px.*of 8 .* 7 can be used"):
        train(STYLES, tmp_path, tmp_path / "a.npz", schedule=QUICK)


def test_a_style_of_one_colour(photos: Path, tmp_path: Path) -> None:
    plain = Image.new("RGB", (64, 64), "navy")
    run = train({"navy": plain}, photos, tmp_path / "a.npz", schedule=QUICK, **SHALLOW)
    with pytest.raises(TrainingError, match="of one colour"):
        next(run)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"steps": 0}, "steps"), ({"crop": 16}, "crop"), ({"batch": 1.5}, "batch")],
)
def test_schedules_that_can_not_be(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Schedule(**changes)


def test_command_line(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, look = tmp_path / "church.npz", tmp_path / "look.jpg"
    quick = ["--backbone=embedded", "--steps=2", "--crop=64", "--batch=1", "--every=1"]
    given = [str(CHURCH), "--photos", str(photos), "-o", str(output), "--look", str(look), *quick]
    assert main(given) == 0
    assert load_network(output).styles == ("church-at-auvers",)
    assert Image.open(look).size == (64, 64)
    assert f"{output}: total" in capsys.readouterr().out


def test_command_line_refuses_in_one_line(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = str(tmp_path / "a.npz")
    assert main([str(CHURCH), str(CHURCH), "--photos", str(photos), "-o", output]) == 2
    assert "Two paintings are called 'church-at-auvers'" in capsys.readouterr().err
    assert main([str(CHURCH), "--photos", str(tmp_path), "-o", output]) == 2
    assert capsys.readouterr().err.count("\n") == 1
