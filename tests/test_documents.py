"""The documents: where their links lead, how long the first is, and what the glossary names."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest
from house import MAP, PACKAGE, ROOT

TOP = [path for path in sorted(ROOT.iterdir()) if not path.name.startswith(".")]
"""Files and folders of the repository, without virtual environments and the like."""
DOCUMENTS = [
    *(path for path in TOP if path.suffix == ".md"),
    *(
        path
        for folder in TOP
        if folder.is_dir() and not folder.is_symlink()
        for path in sorted(folder.rglob("*.md"))
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ),
]
FRONT = ROOT / "README.md"
MOST_LINES = 150
"""Of the first document that people see."""
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
LINK = re.compile(
    r"\]\(\s*<?([^)\s>]+)|(?:src|href)=\"([^\"]+)\"|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE
)
ELSEWHERE = re.compile(r"^[a-z][a-z+.-]*:", re.IGNORECASE)
"""How an address begins that leads out of the repository."""


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Where a document's links and pictures lead, those out of the repository left out."""
    targets = ("".join(groups) for groups in LINK.findall(CODE.sub("code", text)))
    return [target for target in targets if not ELSEWHERE.match(target)]


def anchors(text: str) -> set[str]:
    """The names of a document's headings, as code hosts make them."""
    found: set[str] = set()
    times: Counter[str] = Counter()
    for heading in re.findall(r"^#+ +(.+?) *#*$", re.sub(r"(?ms)^```.*?^```$", "", text), re.M):
        words = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(f"{name}-{times[name]}" if times[name] else name)
        times[name] += 1
    return found


def led_to(document: Path, link: str) -> tuple[Path, str]:
    """The file of a link, and the heading in it."""
    name, _, heading = unquote(link).partition("#")
    return ((document.parent / name).resolve() if name else document), heading


@pytest.mark.parametrize("document", DOCUMENTS, ids=short)
def test_every_link_leads_to_what_is_there(document: Path) -> None:
    for link in links(document.read_text()):
        path, heading = led_to(document, link)
        assert path.exists(), link
        assert path.is_relative_to(ROOT), link
        assert not heading or heading in anchors(path.read_text()), link


def test_every_document_is_found_from_the_first_one() -> None:
    found, ahead = set(), {FRONT}
    while ahead:
        document = ahead.pop()
        found.add(document)
        paths = {led_to(document, link)[0] for link in links(document.read_text())}
        ahead |= {path for path in paths if path.suffix == ".md"} - found
    assert found == set(DOCUMENTS)


def test_the_first_document_is_short() -> None:
    assert len(FRONT.read_text().splitlines()) <= MOST_LINES


def test_what_is_a_link_and_what_is_none() -> None:
    text = '![a](b.jpg) [![c](d.png)](e.md#f) `[g](h)` <img src="i.svg"> [j](https://k.example)\n'
    assert links(text + "```sh\n[l](m)\n```\n[n]: o.md\n") == [
        *("b.jpg", "d.png", "e.md#f", "i.svg", "o.md")
    ]


def test_headings_are_found_by_their_names() -> None:
    text = "# `a.py` and [B](c.md), too\n\n## One\n\n```sh\n# none\n```\n\n## One\n"
    assert anchors(text) == {"apy-and-b-too", "one", "one-1"}


# ---------------------------------------------------------------- the glossary

ENTRIES = re.findall(r"^\| [^|]*\*\*(.+?)\*\*[^|]* \| (`[^|]+) \|$", MAP.read_text(), re.MULTILINE)
"""Word, and where it is in the code: names in `path`."""


def test_the_glossary_has_each_word_once() -> None:
    words = [word.lower() for word, _ in ENTRIES]
    assert len(words) >= 40
    assert not {word for word, times in Counter(words).items() if times > 1}


@pytest.mark.parametrize(("word", "where"), ENTRIES, ids=[word for word, _ in ENTRIES])
def test_the_code_has_what_the_glossary_names(word: str, where: str) -> None:
    names, path = where.split(" in ")
    code = (PACKAGE / path.strip("`")).read_text()
    for name in re.findall(r"`(\w+)`", names):
        assert re.search(rf"\b{name}\b", code), f"{word}: {name}"
