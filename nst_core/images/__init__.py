"""Images: from an untrusted file to upright sRGB pixels, and back into files."""

from nst_core.errors import ImageError
from nst_core.images.opening import ImageSource, open_image

__all__ = ["ImageError", "ImageSource", "open_image"]
