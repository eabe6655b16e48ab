"""What pictures are called: examples by their names, a visitor's own files never."""

from datetime import datetime
from filecmp import cmp
from pathlib import Path

from nst_core.page.inputs.names import title
from nst_core.page.visit.visits import Pair, files_of
from nst_core.painting.job import Job

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


def same_pair(one: Pair, other: Pair) -> bool:
    """Whether both images of two pairs are the same."""
    return all(map(same_picture, one, other))


def same_work(one: Job, other: Job) -> bool:
    """Whether two jobs, whose images are files, say the same, whatever they go on from."""
    if _without_files(one) != _without_files(other):  # nor have they as many
        return False
    return all(map(same_picture, files_of(one), files_of(other)))


def _without_files(job: Job) -> tuple[object, ...]:
    styles = ([(style.weight, style.brush) for style in each] for each in (job.styles, job.outside))
    return job.recipe, job.backbone, job.mask is None, *styles


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
    return title(stems(pair, examples)[0], examples)


def finished_example(pair: Pair, examples: Path) -> Path | None:
    """The picture that was made of an example pair, if there is one."""
    names = "--".join(
        example_stem(path, role, examples) for path, role in zip(pair, OTHERS, strict=True)
    )
    path = examples / "gallery" / f"{names}.jpg"
    return path if path.is_file() else None


def pair_text(pair: Pair, examples: Path) -> str:
    """What a picture is called that was made of the pair."""
    photo, style = (title(stem, examples) for stem in stems(pair, examples))
    return (
        f"{photo} in the style of {style}" if style != OTHERS["style"] else f"{photo} in your style"
    )


def strip_text(pair: Pair, finished: datetime, examples: Path) -> str:
    """What stands below a picture that is kept; `strip.js` has the time as the visitor's clock."""
    style = title(stems(pair, examples)[1], examples)
    style = "your style" if style == OTHERS["style"] else style
    return f"{style[0].upper()}{style[1:]}, {finished:%H:%M} UTC"


def example_text(pair: Pair, examples: Path) -> str:
    """What is said of a finished example."""
    return f"This is the example: {pair_text(pair, examples)}. Press Paint to begin."


def preview_text(pair: Pair, examples: Path) -> str:
    """What is said of an instant picture."""
    return f"A quick preview: {pair_text(pair, examples)}. Press Paint for the real picture."


def link_text(pair: Pair, examples: Path) -> str:
    """What the page of a picture is called that has a link."""
    style = title(stems(pair, examples)[1], examples)
    return "In its maker's own style" if style == OTHERS["style"] else f"In the style of {style}"
