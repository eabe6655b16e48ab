import pytest

from nst_core import BackboneError, load_backbone
from nst_core.page.hosting.loading import loading


def test_the_network_is_loaded_once() -> None:
    assert loading("embedded") is loading("embedded")
    assert loading("embedded").result().name == load_backbone("embedded").name


def test_what_is_not_to_be_had_is_told_by_the_future() -> None:
    with pytest.raises(BackboneError, match="no-such"):
        loading("no-such").result()
