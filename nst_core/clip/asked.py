"""What a film is painted from, as plain values by which it is told from others."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nst_core.clip.shares import Shares
from nst_core.clip.still import Part
from nst_core.errors import ClipError
from nst_core.images.digest import pixels_sha256
from nst_core.images.masks import open_mask
from nst_core.painting.job import Job
from nst_core.painting.style import Style
from nst_core.version import VERSION

FIELDS = (
    *("size", "size_rule", "style_size_rule", "resampling", "brush_size"),
    *("keep_colours", "keep_colours_share", "style_strength"),
)
"""Of a recipe, that count for a film."""


def asked_for(job: Job, part: Part, shares: Shares | None, by_runs: bool = False) -> dict[str, Any]:
    """Name, as people call it -> value or digest; all are equal where the films would be.

    Args:
        job: whose content is a clip's file.
        part: of the clip.
        shares: of the styles, if they change.
        by_runs: whether each still is painted by a run, for which all of a recipe counts.

    Raises:
        ClipError: the clip can't be read.
        ImageError: a style or the mask can't be used.
    """
    import av

    found = {
        "clip": _file_sha256(Path(str(job.content))),
        "style": _styles(job.styles),
        "style weights": shares and shares.samples(),
        "mask": None if job.mask is None else pixels_sha256(open_mask(job.mask)),
        "style outside": _styles(job.outside),
        "beginning in the clip": part.begin,
        "end in the clip": part.end,
        **{name.replace("_", " "): getattr(job.recipe, name) for name in FIELDS},
        "way of painting": [repr(job.recipe), str(job.backbone)] if by_runs else "decoder",
        "version of the program": VERSION,
        "version of PyAV": av.__version__,  # what two encoders made can't be joined
    }
    return json.loads(json.dumps(found, default=float))  # plain values, also of NumPy's numbers


def _styles(styles: Sequence[Style]) -> list[list[Any]]:
    return [[pixels_sha256(each.opened().image), each.weight, each.brush] for each in styles]


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ClipError(f"The clip can't be read: {error.strerror or 'reading failed'}.") from error
