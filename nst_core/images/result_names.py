"""What the results of many photographs are called: never two alike, on whatever disk."""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path


def result_names(photos: Sequence[Path]) -> list[Path]:
    """A PNG file's path for each photograph's, relative as these are; the same for the same ones.

    It is as short as it can be: `cat.png`; `cat.jpg.png` where another would be called so too;
    `cat.jpg (2).png` where that is not enough. Names count as alike where some disk takes them for
    one: without regard to case, and to how an accent is written.
    """
    lengths = [0] * len(photos)
    folders = {_key(parent) for photo in photos for parent in photo.parents}
    while True:
        names = [_name(photo, length) for photo, length in zip(photos, lengths, strict=True)]
        alike = defaultdict(list)
        for index, name in enumerate(names):
            alike[_key(name)].append(index)
        longer = {
            index
            for key, indices in alike.items()
            for index in _to_be_longer(indices, lengths, key in folders)
        }
        if not longer:
            return names
        lengths = [length + (index in longer) for index, length in enumerate(lengths)]


def _name(photo: Path, length: int) -> Path:
    """`length`: 0 without the photograph's suffix, 1 with it, more with a number."""
    number = f" ({length})" if length > 1 else ""
    return photo.with_name(f"{photo.name if length else photo.stem}{number}.png")


def _key(path: Path) -> str:
    """The same for paths that some disk takes for one."""
    return unicodedata.normalize("NFC", str(path).casefold())


def _to_be_longer(indices: Sequence[int], lengths: Sequence[int], is_folder: bool) -> Sequence[int]:
    """Which of the photographs that share a name, or have a folder's, need a longer one."""
    if is_folder:
        return indices
    if len(indices) == 1:
        return []
    return [index for index in indices if lengths[index] == 0] or indices[1:]
