"""What travels between processes and machines: a job with its images, frames, and their end."""

import io
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

from PIL import Image

from nst_core.painting.frame import Frame
from nst_core.painting.job import OpenedJob

JPEG: dict[str, Any] = {"format": "JPEG", "quality": 92, "subsampling": 0}
"""On the way. A run that is stopped, or goes on elsewhere, has nothing better than this."""
LOSSLESS: dict[str, Any] = {"format": "PNG", "compress_level": 1}


@dataclass(frozen=True)
class Payload:
    """A frame on its way.

    Attributes:
        picture: the bytes of a JPEG file; of a PNG for the final frame.
        fields: all other fields of the frame.
    """

    picture: bytes
    fields: dict[str, Any]

    @classmethod
    def of(cls, frame: Frame) -> "Payload":
        file = io.BytesIO()
        frame.image.save(file, **(LOSSLESS if frame.final else JPEG))
        names = [each.name for each in fields(Frame) if each.name != "image"]
        return cls(file.getvalue(), {name: getattr(frame, name) for name in names})

    def frame(self) -> Frame:
        return Frame(image=Image.open(io.BytesIO(self.picture)).convert("RGB"), **self.fields)


@dataclass(frozen=True)
class Ended:
    """Comes after the last frame of a run in another process.

    Attributes:
        grown: bytes that the process holds beyond those that it held before its first run.
    """

    grown: int


Answer: TypeAlias = Frame | Exception | Ended
"""What a process that paints says, each time that it is asked to go on."""


def to_send(job: OpenedJob, backbone: str) -> OpenedJob:
    """A job that means the same on another machine.

    Args:
        job: what is painted there.
        backbone: a name, in place of a network that may be in this process's memory.
    """
    return replace(job, backbone=backbone)
