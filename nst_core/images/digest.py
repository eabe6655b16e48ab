"""What tells an image from others, whatever file it comes from."""

import hashlib

from PIL import Image

WHOLE = (0, 256)
"""In an image's `info`: the digest of what it was before it was made smaller. No file has such a
key, for those of files are text."""
ROWS = 512
"""That are looked at at a time."""


def pixels_sha256(image: Image.Image) -> str:
    """SHA-256 of an RGB image's size and pixels, as 64 hexadecimal digits.

    It is that of the image as a binary PPM file; of one that was made smaller while it was opened,
    see `guarded`, that of the whole image.
    """
    if WHOLE in image.info:
        return str(image.info[WHOLE])
    digest = hashlib.sha256(f"P6\n{image.width} {image.height}\n255\n".encode())
    for top in range(0, image.height, ROWS):
        part = image.crop((0, top, image.width, min(top + ROWS, image.height)))
        digest.update(part.tobytes())
    return digest.hexdigest()
