"""The page as a program sees it, through gradio_client."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from nst_core.serving import painter

QUICK: dict[str, Any] = {"size": 128, "steps": 20}


@pytest.fixture(scope="module")
def client(page_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = visitor(page_url, tmp_path_factory.mktemp("downloads"))
    yield client
    client.close()


def visitor(page_url: str, downloads: Path) -> Client:
    return Client(page_url, verbose=False, analytics_enabled=False, download_files=downloads)


def stylize(client: Client, content: Any, style: Any, **numbers: Any) -> Any:
    numbers = {**QUICK, **numbers}
    return client.predict(content, style, **numbers, api_name="/stylize")


def refusal(client: Client, content: Any, style: Any, **numbers: Any) -> str:
    with pytest.raises(AppError) as error:
        stylize(client, content, style, **numbers)
    return str(error.value)


def test_three_endpoints_are_public_and_need_two_images_at_most(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/stylize", "/explore", "/restore"}
    for name, taken in (("/stylize", 2), ("/explore", 2), ("/restore", 1)):
        assert len(endpoints[name]["description"]) > 100
        parameters = endpoints[name]["parameters"]
        assert all(each["parameter_has_default"] for each in parameters[taken:])
    names = [each["parameter_name"] for each in endpoints["/stylize"]["parameters"]]
    assert names[:6] == ["content", "style", "recipe", "quality", "size", "style_strength"]
    assert {"steps", "seed", "style_weight", "content_layers", "pooling"} < set(names)


def test_streams_pictures_and_ends_with_a_png(client: Client, content: str, style: str) -> None:
    images = (handle_file(content), handle_file(style))
    answers = list(client.submit(*images, **QUICK, api_name="/stylize"))
    pictures = [answer[0] for answer in answers]
    assert len(set(pictures)) >= 3
    for picture in pictures:
        with Image.open(picture) as opened:
            opened.load()
    files = [answer[2] for answer in answers]
    assert files[:-1] == [None] * (len(files) - 1)
    with Image.open(files[-1]) as opened:
        assert (opened.format, opened.mode, opened.size) == ("PNG", "RGB", (128, 85))
    assert "Finished: 128 × 85 px" in answers[-1][1]
    terms = {term for _, _, term in answers[-1][3]["data"]}
    assert terms == {"total", "content", "style", "layout", "palette", "variation"}


def test_the_png_carries_the_settings_that_were_asked_for(
    client: Client, content: str, style: str
) -> None:
    changes = {
        "style_strength": 10,
        "seed": 7,
        "start": "noise",
        "style_layers": "block1_conv1=1, block2_conv1=0.5",
        "pooling": "average",
        "steps": 2,
    }
    png = stylize(client, handle_file(content), handle_file(style), **changes)[2]
    settings = client.predict(handle_file(png), api_name="/restore")
    assert (settings["recipe"], settings["seed"], settings["size"]) == ("studio", 7, [128, 85])
    found = settings["changes"]
    assert found["style_strength"] == 10
    assert "style_weight" not in found
    assert found["style_layers"] == {"block1_conv1": 1, "block2_conv1": 0.5}
    assert (found["start"], found["pooling"], found["steps"]) == ("noise", "average", 2)
    assert "precision" not in found
    assert settings["precision"] in {"float32", "bfloat16"}


def test_what_is_null_is_as_the_recipe_has_it(client: Client, content: str, style: str) -> None:
    endpoint = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    names = [each["parameter_name"] for each in endpoint["/stylize"]["parameters"][2:]]
    nothing = {**dict.fromkeys(names), "recipe": "walkthrough", "steps": 1}
    png = client.predict(handle_file(content), handle_file(style), **nothing, api_name="/stylize")[
        2
    ]
    settings = client.predict(handle_file(png), api_name="/restore")
    assert (settings["recipe"], settings["changes"]) == ("walkthrough", {"steps": 1})
    assert settings["size"] == [450, 300]  # the shorter side is what this recipe means
    nothing = {**dict.fromkeys(names), "steps": "many"}
    assert "Steps must be a number from 1 to 2000" in refusal(client, None, None, **nothing)


def test_another_recipe_comes_with_its_own_numbers(
    client: Client, content: str, style: str
) -> None:
    answer = stylize(client, handle_file(content), handle_file(style), recipe="course", steps=2)
    settings = client.predict(handle_file(answer[2]), api_name="/restore")
    assert settings["recipe"] == "course"
    assert settings["changes"] == {"size": 128, "steps": 2}


def test_a_picture_without_settings_is_refused(client: Client, tmp_path: Path) -> None:
    plain = tmp_path / "<b>plain.png"
    Image.new("RGB", (8, 8)).save(plain)
    with pytest.raises(AppError, match="carries no settings"):
        client.predict(handle_file(str(plain)), api_name="/restore")
    for meta in ({}, {"meta": {"_type": "gradio.FileData"}}):
        with pytest.raises(AppError):
            client.predict({"path": str(plain), **meta}, api_name="/restore")


def test_explore_fills_a_sheet(client: Client, content: str, style: str) -> None:
    job = client.submit(
        handle_file(content),
        handle_file(style),
        experiment="sweep",
        number="learning_rate",
        values="4, 16",
        size=64,
        steps=2,
        api_name="/explore",
    )
    answers = list(job)
    assert "Finished: 2 of 2 cells" in answers[-1][1]
    with Image.open(answers[-1][2]) as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 2 * 64


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"experiment": "sweep", "values": "1, two"}, "Values must be numbers"),
        ({"experiment": "sweep", "number": "name"}, "The field to sweep must be one of"),
        ({"experiment": "alchemy"}, "The experiment must be one of"),
        ({"recipe": "alchemy"}, "The recipe must be one of"),
        ({"size": 1000}, "The cell size must be a number from 64 to 384, not 1000."),
    ],
)
def test_experiments_that_make_no_sense_are_refused(
    client: Client, content: str, style: str, choices: dict[str, Any], message: str
) -> None:
    with pytest.raises(AppError) as error:
        client.predict(handle_file(content), handle_file(style), **choices, api_name="/explore")
    assert message in str(error.value)


def _speckled(size: tuple[int, int], loudest: int) -> Image.Image:
    """One channel above the others. Frames of one colour would be one file, written time and again
    while it is read."""
    noise = np.random.default_rng(0).integers(0, 60, (size[1], size[0], 3), np.uint8)
    noise[..., loudest] += 120
    return Image.fromarray(noise)


def test_two_visitors_get_their_own_pictures(page_url: str, tmp_path: Path) -> None:
    wide, tall = str(tmp_path / "wide.png"), str(tmp_path / "tall.png")
    _speckled((160, 80), loudest=2).save(wide)
    _speckled((80, 160), loudest=0).save(tall)
    visitors = [visitor(page_url, tmp_path / name) for name in ("first", "second")]
    jobs = [
        each.submit(handle_file(image), handle_file(image), **QUICK, api_name="/stylize")
        for each, image in zip(visitors, (wide, tall), strict=True)
    ]
    for job, size, loudest in zip(jobs, [(128, 64), (64, 128)], (2, 0), strict=True):
        job.result()
        pictures = [picture for picture, *_ in job.outputs() if picture]  # none while it waits
        assert pictures
        for picture in pictures:
            with Image.open(picture) as opened:
                assert opened.width * size[1] == opened.height * size[0]
                means = np.asarray(opened.convert("RGB")).mean(axis=(0, 1))
            assert means.argmax() == loudest
        assert opened.size == size
    for each in visitors:
        each.close()


def test_a_cancelled_run_frees_the_place(client: Client, content: str, style: str) -> None:
    images = (handle_file(content), handle_file(style))
    job = client.submit(*images, size=128, steps=1000, api_name="/stylize")
    next(iter(job))
    job.cancel()
    assert "Finished" in stylize(client, *images)[1]


def test_files_outside_the_upload_folder_are_refused(
    client: Client, content: str, style: str, upload_folder: Path, tmp_path: Path
) -> None:
    link = upload_folder / "link.jpg"
    link.symlink_to("/etc/passwd")
    elsewhere = tmp_path / "elsewhere.jpg"
    elsewhere.write_bytes(Path(content).read_bytes())
    for path in ("/etc/passwd", str(elsewhere), str(link), "../app.py", "a\0b", "/"):
        message = refusal(client, {"path": path}, handle_file(style))
        assert "The photo was not uploaded to this page" in message, path
        message = refusal(client, handle_file(content), {"path": path})
        assert "The style was not uploaded to this page" in message, path


def test_missing_images_are_asked_for(client: Client, content: str) -> None:
    assert "There is no photo" in refusal(client, None, handle_file(content))
    assert "There is no style:" in refusal(client, handle_file(content), None)


def test_a_file_that_is_no_image_is_named(client: Client, style: str, text_as_png: str) -> None:
    message = refusal(client, handle_file(text_as_png), handle_file(style))
    assert "holiday.png" in message
    assert "not an image" in message


def test_a_huge_image_is_refused_before_it_is_decoded(
    client: Client, style: str, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.png"
    Image.new("1", (10_000, 10_000)).save(huge)
    message = refusal(client, handle_file(str(huge)), handle_file(style))
    assert "megapixels" in message


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"size": 127}, "The size must be a number from 128 to 1024, not 127."),
        ({"size": 1e300}, "The size must be a number from 128 to 1024, not 1e+300."),
        ({"size": True}, "The size must be a number from 128 to 1024, not True."),
        ({"size": []}, "The size must be a number from 128 to 1024, not []."),
        ({"style_strength": 2**70}, "The style strength must be a number from -10 to 10, not 118"),
        ({"steps": 0}, "Steps must be a number from 1 to 2000, not 0."),
        ({"seed": -1}, "Seed must be a number from 0 to"),
        ({"recipe": "<b>"}, "The recipe must be one of"),
        ({"recipe": ["studio"]}, "The recipe must be one of"),
        ({"quality": "best"}, "quality must be one of draft, balanced, fine"),
        ({"style_weight": -1}, "Style weight must be a number from 0 to "),
        ({"style_weight": "many"}, "Style weight must be a number from 0 to "),
        (
            {"recipe": "course", "style_weight": 40_001},
            "Style weight must be a number from 0 to 40\u00a0000, not 40001.",
        ),
        ({"style_layers": "block1_conv1=x"}, "The weight of 'block1_conv1' must be a number"),
        ({"style_layers": "block9_conv9"}, "block9_conv9"),
        ({"pooling": "median"}, "pooling must be one of"),
        ({"optimizer": "lbfgs", "learning_rate": 3}, "L-BFGS has no learning rate: leave"),
        ({"recipe": "keras-book", "learning_rate": 3}, "or choose Adam as the optimiser."),
        ({"style_strength": -11}, "The style strength must be a number from -10 to 10, not -11."),
        ({"style_strength": "<b>"}, "from -10 to 10, not '&lt;b&gt;'."),
    ],
)
def test_numbers_out_of_range_are_refused(
    client: Client, content: str, style: str, numbers: dict[str, Any], message: str
) -> None:
    assert message in refusal(client, handle_file(content), handle_file(style), **numbers)


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_numbers_that_are_not_finite_are_refused(page_url: str, number: str) -> None:
    """gradio_client sends no such thing, so this speaks to the server directly."""
    call = f"{page_url}gradio_api/call/stylize"
    endpoints = httpx.get(f"{page_url}gradio_api/info").json()["named_endpoints"]
    names = [each["parameter_name"] for each in endpoints["/stylize"]["parameters"]]
    given = {"recipe": '"studio"', "size": number}
    values = ", ".join(given.get(name, "null") for name in names)
    request = httpx.post(
        call,
        content=f'{{"data": [{values}]}}',
        headers={"content-type": "application/json"},
    )
    answer = httpx.get(f"{call}/{request.json()['event_id']}", timeout=30).text
    assert "event: error" in answer
    assert "The size must be a number from 128 to 1024, not " in answer


def test_an_unexpected_error_shows_nothing_of_the_inside(
    client: Client, content: str, style: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(painter, "paint", broken)
    message = refusal(client, handle_file(content), handle_file(style))
    assert re.search("Something went wrong on the server.*under reference [0-9a-f]{4}", message)
    assert "secret" not in message
