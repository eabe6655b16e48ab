"""When the frames of a run come."""

import io
import statistics
import time
from functools import partial

import numpy as np
from measurements.figures import Figures, goal, interleaved
from measurements.pair import CONTENT, STYLE, backbone, warm_up
from PIL import Image

from nst_core import stylize
from nst_core.images.sizes import to_array, to_image
from nst_core.painting.run import FRAME_SECONDS


def frames(quick: bool) -> Figures:
    """When the frames of a run come, the network being warm, and what making them costs."""
    found: Figures = {}
    for size in (256,) if quick else (256, 512, 1024, 2048):
        for name in ("studio",) if quick or size > 1024 else ("studio", "keras-book"):
            picture = warm_up(name)
            moments = [time.perf_counter()]
            for frame in stylize(CONTENT, STYLE, name, backbone(), size=size, steps=6):
                moments.append(time.perf_counter())
                picture = frame.image
            gaps = np.diff(moments)
            encoding = interleaved({"jpeg": partial(as_jpeg, picture)}, 3)["jpeg"]
            found[f"{name} {size} px"] = {
                "first": goal(gaps[0], at_most=1.0),
                "longest_gap": round(gaps.max(), 2),
                "share_of_time": goal(statistics.median(encoding) / FRAME_SECONDS, at_most=0.03),
            }
    return found


def as_jpeg(image: Image.Image) -> None:
    to_image(to_array(image))
    image.save(io.BytesIO(), "JPEG")
