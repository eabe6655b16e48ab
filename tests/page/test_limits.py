"""The operator's limits, out of an environment."""

import re
from dataclasses import fields

import pytest
from helpers import ROOT

from nst_core.errors import LimitError
from nst_core.page.hosting import limits
from nst_core.page.hosting.limits import PUBLIC, Limits, read_limits
from nst_core.page.hosting.page_options import read_options

GUIDE = (ROOT / "nst_core" / "page" / "README.md").read_text()


def test_defaults_are_safer_where_anybody_may_come() -> None:
    assert read_limits({}) == Limits()
    assert read_limits({"SPACE_ID": "somebody/page"}) == read_limits({}, share=True) == PUBLIC
    assert PUBLIC.max_seconds < Limits().max_seconds
    assert PUBLIC.max_steps < Limits().max_steps


def test_the_environment_wins() -> None:
    given = {"NST_MAX_SIZE": "2048", "NST_QUEUE_SIZE": " 3 ", "NST_MAX_STEPS": "", "OTHER": "x"}
    found = read_limits(given, share=True)
    assert (found.max_size, found.queue_size, found.max_steps) == (2048, 3, PUBLIC.max_steps)


@pytest.mark.parametrize("name", ["concurrency", "queue_size", "max_seconds", "max_size"])
@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "1e3", "9" * 30, "nan"])
def test_a_wrong_value_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(LimitError, match=rf"^NST_{name.upper()} must be a whole number from \d+"):
        read_limits({f"NST_{name.upper()}": text})


def test_a_cluster_has_a_run_for_each_of_its_painters() -> None:
    assert read_limits({"NST_MAX_REPLICAS": "7"}).concurrency == 1
    assert read_limits({"NST_MAX_REPLICAS": "7"}, cluster=True).concurrency == 7
    assert read_limits({"NST_CONCURRENCY": "2"}, cluster=True).concurrency == 2
    with pytest.raises(LimitError, match="NST_MIN_REPLICAS must be at most NST_MAX_REPLICAS"):
        read_limits({"NST_MIN_REPLICAS": "5"})


def test_every_limit_is_documented_with_its_defaults() -> None:
    rows = {
        row.split("|")[1].strip(" `"): row
        for row in (limits.__doc__ or "").splitlines()
        if "`NST" in row
    }
    assert "none" in rows[limits.variable("trusted_proxy")]
    for name, value in vars(Limits()).items():
        if name == "trusted_proxy":
            continue
        cells = rows[limits.variable(name)].replace(",", "").split("|")
        assert (int(cells[3]), int(cells[4])) == (value, getattr(PUBLIC, name))


def test_addresses_are_counted_only_where_a_proxy_is_trusted_to_tell_them() -> None:
    proxies = {"NST_TRUSTED_PROXY": "127.0.0.1, 10.0.0.0/8,::1"}
    found = read_limits({"NST_MAX_PER_ADDRESS": "40", **proxies})
    assert found.max_per_address == 40
    assert list(map(str, found.trusted_proxy)) == ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]
    assert read_limits({"NST_MAX_PER_ADDRESS": "0"}) == Limits()
    with pytest.raises(LimitError, match=r"^NST_MAX_PER_ADDRESS needs NST_TRUSTED_PROXY: "):
        read_limits({"NST_MAX_PER_ADDRESS": "40"})


@pytest.mark.parametrize("text", ["proxy.example", "10.0.0.1/8", "1.2.3.4:80", "*", "9" * 30])
def test_a_proxy_that_is_no_address_is_refused_by_name(text: str) -> None:
    with pytest.raises(LimitError, match=r"^NST_TRUSTED_PROXY must be addresses such as 127"):
        read_limits({"NST_TRUSTED_PROXY": text})


def test_the_readme_has_every_limit_as_it_is_documented_here() -> None:
    for name in vars(Limits()):
        (mine,) = re.findall(rf"^\| `{limits.variable(name)}` \|.*$", limits.__doc__ or "", re.M)
        (readme,) = re.findall(rf"^\| `{limits.variable(name)}` \|.*$", GUIDE, re.M)
        assert readme.split("|")[3:] == mine.split("|")[3:]


def test_the_guide_has_the_ends_of_every_limit() -> None:
    for each in fields(Limits):
        if ends := each.metadata.get("ends"):
            row = rf"^\| `{limits.variable(each.name)}` \| ([\d,]+) – ([\d,]+) "
            ((least, most),) = re.findall(row, GUIDE, re.M)
            numbers = int(least.replace(",", "")), int(most.replace(",", ""))
            assert numbers == (max(ends[0], 1), ends[1]), each.name  # 0 has words of its own


def test_the_guide_names_every_variable_that_stands_for_an_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        read_options(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    variables = re.findall(r"or ([A-Z_]+) in the environment", told)
    assert len(variables) == 5
    assert not [name for name in variables if f"`{name}`" not in GUIDE]
