"""Files with several pictures: which one counts, and what a person is told of the others."""

from contextlib import suppress

from PIL import Image, ImageFile, TiffImagePlugin

MOST_PAGES = 1000
"""Of a document, and frames of an animation, that are looked at."""
_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")


def turn_to_largest_page(image: ImageFile.ImageFile) -> None:
    """Have the largest page of a TIFF file be opened, the first of those: others can be previews.

    Only the pages' heads are read; one that is damaged ends the document.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    areas = [image.width * image.height]
    with suppress(Exception):  # EOFError at the end, and whatever Pillow raises for damage
        for page in range(1, MOST_PAGES):
            image.seek(page)
            areas.append(image.width * image.height)
    if len(areas) > 1:
        image.seek(areas.index(max(areas)))
        if TiffImagePlugin.ICCPROFILE not in image.tag_v2:
            image.info.pop("icc_profile", None)  # of another page


def turn_to_first_visible(image: ImageFile.ImageFile) -> None:
    """Have the first frame of an animation be loaded that a browser shows something of.

    That leaves out frames in which everything is transparent, and the picture that some PNG files
    hold for programs that know of no animations. If there is nothing in any, the first one counts.
    """
    if image.format not in _ANIMATED:
        return
    first = int(bool(getattr(image, "default_image", False)))
    if first:
        image.seek(first)
    image.load()
    if not (_is_one_of_several(image) and is_empty(image)):
        return
    with suppress(EOFError):
        for frame in range(first + 1, MOST_PAGES):
            image.seek(frame)
            if not is_empty(image):
                return
    image.seek(first)


def note_of_several(image: ImageFile.ImageFile, subject: str) -> str:
    """A sentence about a file with several pictures, of which one is loaded; else empty.

    Args:
        image: loaded.
        subject: begins the sentence, such as "The content image 'a.gif'".
    """
    if not _is_one_of_several(image):
        return ""
    number = image.tell() + 1
    if image.format == "TIFF":
        return f"{subject} has several pages, of which page {number}, the largest, is taken."
    number -= bool(getattr(image, "default_image", False))
    return f"{subject} is an animation, of which frame {number} is taken."


def is_empty(image: Image.Image) -> bool:
    """Whether every pixel is wholly transparent."""
    if not image.has_transparency_data:
        return False
    return image.convert("RGBA").getchannel("A").getextrema() == (0, 0)


def _is_one_of_several(image: ImageFile.ImageFile) -> bool:
    """Whether the image's file has pictures besides it; False if the next one is damaged."""
    try:
        return image.format in (*_ANIMATED, "TIFF") and bool(getattr(image, "is_animated", False))
    except Exception:  # Pillow may have to read the next one to know
        return False
