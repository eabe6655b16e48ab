"""Faults injected one by one: the visitor gets a sentence, and the next one a picture."""

import errno
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from helpers import CAT, CHURCH
from PIL import Image
from visiting import Visitor, events_of, usual

from nst_core import RECIPES
from nst_core.images import saving
from nst_core.objective.objective import Objective
from nst_core.page.hosting.loading import loading
from nst_core.page.run import running
from nst_core.page.run.problems import DISK_FULL, UNEXPECTED
from nst_core.painting.run import Showing
from nst_core.painting.stages import plan

Patch = pytest.MonkeyPatch
with Image.open(CAT) as cat:
    FIRST = "{} × {}".format(*plan(RECIPES["studio"].changed(size=128, steps=3), cat.size)[0].size)
"""The size at which a run on it begins."""


@pytest.fixture(scope="module")
def client(page_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("downloads")
    client = Client(page_url, verbose=False, analytics_enabled=False, download_files=folder)
    loading("embedded").result()  # a fault while it warms up would be another one
    yield client
    client.close()


def paint(client: Client) -> Any:
    pair = (handle_file(str(CAT)), handle_file(str(CHURCH)))
    return client.predict(*pair, size=128, steps=3, api_name="/stylize")


def failing(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


def in_a_step(patch: Patch) -> None:
    patch.setattr(Objective, "evaluate", failing(RuntimeError("secret")))


def out_of_memory(patch: Patch) -> None:
    patch.setattr(Objective, "evaluate", failing(MemoryError()))


def disk_nearly_full(patch: Patch) -> None:
    free = shutil.disk_usage("/")._replace(free=3 * 128 * 85 - 1)
    patch.setattr(shutil, "disk_usage", lambda _: free)


def disk_full(patch: Patch) -> None:
    patch.setattr(saving, "_locked_part", failing(OSError(errno.ENOSPC, "No space left")))


@pytest.mark.parametrize(
    ("inject", "sentence"),
    [
        (in_a_step, UNEXPECTED),
        (out_of_memory, f"The memory ran out at {FIRST} px; a smaller size may fit."),
        (disk_full, DISK_FULL),
        (disk_nearly_full, "of 128 × 85 px may take 0 MB, and its disk has 0 MB left."),
    ],
)
def test_the_visitor_is_told_and_the_next_one_gets_a_picture(
    inject: Any, sentence: str, client: Client, monkeypatch: Patch, upload_folder: Path
) -> None:
    with monkeypatch.context() as patch:
        inject(patch)
        with pytest.raises(AppError) as error:
            paint(client)
    assert sentence in str(error.value)
    assert "secret" not in str(error.value)
    assert "Finished" in paint(client)[1]
    assert not list(upload_folder.rglob("*.part"))


def test_a_run_that_outlasts_its_seconds_ends_with_the_picture_so_far(
    client: Client, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(running, "OVERRUN", 0.0)
    status = paint(client)[1]
    assert "Stopped; the picture so far is kept: " in status
    assert "A run may take 60 min here." in status
    monkeypatch.undo()
    assert "Finished" in paint(client)[1]


def test_a_picture_that_stays_is_sent_once(page_url: str, monkeypatch: Patch) -> None:
    """While a step takes long, only the time is told anew; also of copies, as processes send."""
    evaluate, shown = Objective.evaluate, Showing._shown_image

    def slowly(self: Objective, image: Any, step: int) -> Any:
        time.sleep(2.5)
        return evaluate(self, image, step)

    monkeypatch.setattr(Objective, "evaluate", slowly)
    monkeypatch.setattr(Showing, "_shown_image", lambda *args: shown(*args).copy())
    event, components = next(
        found for name, found in events_of(page_url).items() if name.startswith("stylize ")
    )
    given = {"Photo": {"path": str(CAT)}, "Style": {"path": str(CHURCH)}, "Size": 128}
    data = [
        given.get(each["props"].get("label"), value)
        for each, value in zip(components, usual(components), strict=True)
    ]
    visitor = Visitor(page_url, "slow")
    visitor.join(event, data)
    sent: list[set[str]] = []
    for word in visitor.listen():
        if word["msg"] == "process_generating":
            said = json.dumps(word["output"]["data"][0])
            sent.append(set(re.findall(r"streamed/([0-9a-f]{40})\.jpg", said)))
        if word["msg"] == "process_completed" or len(sent) == 9:
            break
    visitor.close()
    pictures = [each for each in sent if each]
    assert 1 < len(pictures) < len(sent) - 2
    assert len(set.union(*pictures)) == len(pictures)
