"""Faults injected one by one: the visitor gets a sentence, and the next one a picture."""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from helpers import CAT, CHURCH

from nst_core.images import saving
from nst_core.page.loading import loading
from nst_core.page.problems import DISK_FULL, UNEXPECTED
from nst_core.painting.objective import Objective

Patch = pytest.MonkeyPatch


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


def disk_full(patch: Patch) -> None:
    patch.setattr(saving, "_locked_part", failing(OSError(errno.ENOSPC, "No space left")))


@pytest.mark.parametrize(
    ("inject", "sentence"),
    [
        (in_a_step, UNEXPECTED),
        (out_of_memory, "The memory ran out at 128 × 85 px; a smaller size may fit."),
        (disk_full, DISK_FULL),
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
