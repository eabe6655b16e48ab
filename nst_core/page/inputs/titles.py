"""What pictures are called: examples by their names, a visitor's own files never."""

from filecmp import cmp
from pathlib import Path

from nst_core.page.inputs.gallery import title
from nst_core.page.visit.visits import Pair

OTHERS = {"content": "photo", "style": "style"}
"""What an image that is no example is called, whatever its file's name is."""


def same_picture(one: Path | None, other: Path | None) -> bool:
    """Whether both files are there and hold the same; Gradio copies what it shows."""
    if one is None or other is None:
        return False
    try:
        return one.samefile(other) or cmp(one, other, shallow=False)
    except OSError:  # one was deleted
        return False


def example_stem(path: Path, role: str, examples: Path) -> str:
    """The file name of an example without its suffix; empty for any other image.

    Args:
        path: of the image, which may be a copy of the example.
        role: "content" or "style".
        examples: their folder.
    """
    example = examples / role / path.name
    return path.stem if example.is_file() and same_picture(path, example) else ""


def stems(pair: Pair, examples: Path) -> tuple[str, str]:
    """What the content and the style image are called in names of files."""
    content, style = (
        example_stem(path, role, examples) or other
        for path, (role, other) in zip(pair, OTHERS.items(), strict=True)
    )
    return content, style


def file_stem(pair: Pair, longest: int, examples: Path) -> str:
    """The name of a picture's files: its pair, and its longest side in px."""
    return f"{'-'.join(stems(pair, examples))}-{longest}"


def photo_title(pair: Pair, examples: Path) -> str:
    """What the photograph is called on the page."""
    return title(stems(pair, examples)[0])


def finished_example(pair: Pair, examples: Path) -> Path | None:
    """The picture that was made of an example pair, if there is one."""
    names = "--".join(
        example_stem(path, role, examples) for path, role in zip(pair, OTHERS, strict=True)
    )
    path = examples / "gallery" / f"{names}.jpg"
    return path if path.is_file() else None


def example_text(pair: Pair, examples: Path) -> str:
    """What is said of a finished example."""
    content, style = map(title, stems(pair, examples))
    return f"This is the example: {content} in the style of {style}. Press Paint to begin."


def preview_text(pair: Pair, examples: Path) -> str:
    """What is said of an instant picture."""
    content, style = map(title, stems(pair, examples))
    return f"A quick preview: {content} in the style of {style}. Press Paint for the real picture."
