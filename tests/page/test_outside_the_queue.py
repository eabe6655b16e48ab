"""No event but a run decodes what a visitor sent, except where it waits in a line of its own."""

import asyncio
import threading
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers import CAT, ROOT
from PIL import Image, ImageFile
from visiting import Visitor, events_of, usual

from nst_core.images.sizes import Size
from nst_core.page.inputs.gallery import Gallery
from nst_core.page.inputs.inputs import Inputs
from nst_core.page.inputs.instant import Instant
from nst_core.page.inputs.opening_queue import MOST_WAITING, OpeningLine

RUNS = ("run", "explore", "stylize")
"""What events that wait in the page's own queue are called."""
EXAMPLES = ROOT / "examples"
SIZE = (601, 401)
"""px of what is sent."""


@pytest.fixture
def decoding(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Size]]:
    """(thread, size in px) of all that is decoded meanwhile, in this process."""
    found = []
    load = ImageFile.ImageFile.load

    def told(image: ImageFile.ImageFile) -> Any:
        found.append((threading.current_thread().name, image.size))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", told)
    return found


@pytest.fixture(scope="module")
def uploaded(page_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A PNG with a text behind its pixels, where an orientation might stand."""
    file = tmp_path_factory.mktemp("photo") / "large.png"
    Image.effect_noise(SIZE, 50).save(file)
    text = b"tEXtComment\0a long day"
    chunk = (len(text) - 4).to_bytes(4, "big") + text + zlib.crc32(text).to_bytes(4, "big")
    data = file.read_bytes()
    data = data[:-12] + chunk + data[-12:]
    sent = httpx.post(f"{page_url}gradio_api/upload", files={"files": ("large.png", data)})
    return {"path": sent.json()[0], "meta": {"_type": "gradio.FileData"}}


def test_only_the_line_for_it_decodes_what_was_sent(
    page_url: str, uploaded: dict[str, Any], decoding: list[tuple[str, Size]]
) -> None:
    visitor = Visitor(page_url, "outside")
    asked = 0
    for name, (number, components) in events_of(page_url).items():
        if name.split()[0].split("_")[0] in RUNS:
            continue
        data = [
            uploaded if component["type"] in ("image", "file") else value
            for component, value in zip(components, usual(components), strict=True)
        ]
        asked += uploaded in data
        visitor.ask(number, data)
    assert asked > 10
    lines = {thread.rsplit("_", 1)[0] for thread, size in decoding if size == SIZE}
    assert lines == {"look"}


def opening_line() -> Inputs:
    import gradio as gr

    with gr.Blocks():
        opening_line = OpeningLine()
        return Inputs(Gallery(EXAMPLES), opening_line, Instant(opening_line))


def test_an_image_that_can_not_be_used_is_told_when_it_is_chosen(
    upload_folder: Path, text_as_png: str
) -> None:
    file = upload_folder / "holiday.png"
    file.write_bytes(Path(text_as_png).read_bytes())
    told = asyncio.run(opening_line().problem_with("photo", {"path": str(file)}))
    assert "holiday.png&#x27; is not an image of a known format" in told
    assert asyncio.run(opening_line().problem_with("photo", {"path": str(CAT)})) == ""


def test_of_many_images_only_so_many_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other; of those that would have to wait for too long, the run tells."""
    looked, at_work = [], threading.Lock()

    def look(file: Path, _role: str, _longest: int | None) -> Image.Image:
        assert at_work.acquire(blocking=False)
        looked.append(file)
        at_work.release()
        return Image.new("RGB", (64, 64))

    monkeypatch.setattr("nst_core.page.inputs.opening_queue.open_image", look)
    inputs = opening_line()

    async def choose(count: int) -> list[str]:
        asked = (inputs.problem_with("photo", {"path": str(CAT)}) for _ in range(count))
        return await asyncio.gather(*asked)

    assert asyncio.run(choose(100)) == [""] * 100
    assert len(looked) == MOST_WAITING + 1
    asyncio.run(choose(1))
    assert len(looked) == MOST_WAITING + 2
