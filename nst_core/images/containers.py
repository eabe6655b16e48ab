"""What a file says of itself before Pillow opens it: camera raw, HEIC, depths, significant bits.

All functions take a binary file at any place, leave it at its start, and read a few bytes of it.
Nothing in it is trusted: what makes no sense is as if it weren't there.
"""

import importlib
import io
import struct
from collections.abc import Iterator, Mapping
from functools import cache
from typing import BinaryIO

from PIL import Image

from nst_core.errors import ImageError

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_NOTES = (b"IHDR", b"eXIf", b"iTXt", b"tEXt", b"zTXt")
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
Directory = Mapping[int, tuple[int, ...]]
"""Tag of a TIFF file -> its first values, whole numbers only."""

# Tags of TIFF
_SUBFILE_TYPE, _BITS, _PHOTOMETRIC, _CHANNELS, _MAX_VALUE = 254, 258, 262, 277, 281
_SUB_DIRECTORIES, _NUMBER_KIND, _TOP_VALUE, _DNG_VERSION = 330, 339, 341, 50706
_NEEDED = {256, 257, _PHOTOMETRIC}
"""Width, height and meaning: what every picture has, and the place of its pixels follows."""
_SENSOR_PIXELS = (32803, 34892)
"""Photometric interpretations: one colour per pixel, as a sensor has them, and linear raw."""
_NUMBER_KINDS = {2: "signed numbers", 3: "floating-point numbers", 5: "complex numbers"}
_VALUE_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 18: "Q"}
"""Field type of TIFF -> code in `struct`, of the types for whole numbers."""
_MOST_ENTRIES, _MOST_VALUES = 1000, 8

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_SHARED_BRANDS = {b"mif1", b"msf1"}
"""Brands that AVIF files have as well."""
_AVIF_BRANDS = {b"avif", b"avis"}
_SRGB_TRANSFER, _TAKEN_FOR_SRGB = 13, (1, 2, 6, 14, 15)
"""Of AVIF: browsers take what is made for television, and what is not told, for sRGB."""
_BOX_BYTES = 2**20
"""From the start of a HEIC or AVIF file, in which what is told of its pictures lies."""


def refuse_raw(file: BinaryIO, subject: str) -> None:
    """Raise `ImageError` for a camera's raw file.

    Those are TIFF files whose first picture is a small preview, which is what Pillow would open.
    """
    directory = _first_directory(file)
    reduced = directory.get(_SUBFILE_TYPE, (0,))[0] & 1 and _SUB_DIRECTORIES in directory
    sensor = directory.get(_PHOTOMETRIC, (0,))[0] in _SENSOR_PIXELS
    canon = directory and _head(file, 10)[8:] == b"CR"
    if reduced or sensor or canon or _DNG_VERSION in directory:
        raise ImageError(
            f"{subject} is a camera's raw file, which holds a small preview beside data that "
            "can't be read; export the picture as JPEG, PNG or TIFF."
        )


def unreadable_kind(file: BinaryIO) -> str | None:
    """The rest of a sentence about a file that no decoder takes, if it is known what it is."""
    if _is_heic(file):
        return (
            "is a HEIC file, as phones write them, which can't be read here; "
            "export it as JPEG, or install the Python package pi-heif."
        )
    directory = _first_directory(file)
    if not directory.keys() >= _NEEDED:  # cut short
        return None
    bits = directory.get(_BITS, (1,))
    channels = directory.get(_CHANNELS, (len(bits),))[0]
    numbers = _NUMBER_KINDS.get(directory.get(_NUMBER_KIND, (1,))[0], "whole numbers")
    return (
        f"is a TIFF file with {channels} {'channel' if channels == 1 else 'channels'} of "
        f"{bits[0]}-bit {numbers}, of a kind that can't be read; "
        "export it as TIFF or PNG with 8 or 16 bits per channel."
    )


def formats_for(file: BinaryIO, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Names of Pillow's formats to try: HEIF for HEIC, if pi-heif is installed, else `usual`."""
    return ("HEIF",) if _is_heic(file) and heif_opens() else usual


def significant_bits(file: BinaryIO) -> int | None:
    """How many bits of each grey value count, if a PNG or TIFF file tells it.

    PNG tells it by sBIT, TIFF by its depth or by the largest value (MaxSampleValue or
    SMaxSampleValue), which may be that of this picture and is rounded up to whole bits.
    """
    for kind, start, length in png_chunks(file):
        if kind == b"IDAT":
            break
        if kind == b"sBIT" and length:
            file.seek(start)
            bits = file.read(1)
            file.seek(0)
            return min(16, bits[0]) if bits else None
    directory = _first_directory(file)
    for tag in (_MAX_VALUE, _TOP_VALUE):
        if directory.get(tag, (0,))[0] > 0:
            return min(16, max(8, directory[tag][0].bit_length()))
    depth = directory.get(_BITS, (16,))[0]
    return depth if depth < 16 else None


def colour_codes(file: BinaryIO) -> tuple[int, int] | None:
    """Primaries and transfer, by the numbers of ITU-T H.273, if a file tells them.

    PNG tells them by cICP. AVIF does by its first box of colours, if that is one of numbers: those
    that follow are of other pictures in the file, such as gain maps.
    """
    for kind, start, length in png_chunks(file):
        if kind == b"IDAT":
            break
        if kind == b"cICP" and length == 4:
            file.seek(start)
            codes = file.read(4)
            file.seek(0)
            return (codes[0], codes[1]) if len(codes) == 4 and not codes[2] else None
    if _head(file, 8)[4:] != b"ftyp":
        return None
    file.seek(0)
    boxes = file.read(_BOX_BYTES)
    file.seek(0)
    for name in (b"meta", b"iprp", b"ipco", b"colr"):
        boxes = _box(boxes, name)[4 if name == b"meta" else 0 :]
    if boxes[:4] != b"nclx" or len(boxes) < 8:
        return None
    primaries, transfer = struct.unpack_from(">2H", boxes, 4)
    return primaries, _SRGB_TRANSFER if transfer in _TAKEN_FOR_SRGB else transfer


def _box(boxes: bytes, name: bytes) -> bytes:
    """What is in the first box of a name, among those of an ISO file; empty if there is none."""
    offset = 0
    while offset + 8 <= len(boxes):
        length = int.from_bytes(boxes[offset : offset + 4], "big")
        if boxes[offset + 4 : offset + 8] == name:
            return boxes[offset + 8 : offset + length]
        if length < 8:  # 1 and 0 are for the pictures' data, which come last
            break
        offset += length
    return b""


def png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and number of bytes of the data of each chunk, if it is a PNG file.

    The last one may be cut short. The file may be moved between two chunks.
    """
    offset = len(PNG_SIGNATURE)
    known = _head(file, offset) == PNG_SIGNATURE
    while known:
        file.seek(offset)
        head = file.read(8)
        file.seek(0)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield kind, offset + 8, length
        offset += length + 12  # 4 bytes each of length, kind and checksum


def png_notes(file: BinaryIO) -> BinaryIO:
    """A copy of a PNG file in memory with its size and its texts alone, wherever they stand."""
    kept = [PNG_SIGNATURE]
    for kind, start, length in png_chunks(file):
        if kind in _PNG_NOTES:
            file.seek(start - 8)
            kept.append(file.read(length + 12))
    file.seek(0)
    return io.BytesIO(b"".join([*kept, _PNG_END]))  # a file that is cut short has no end of its own


def _head(file: BinaryIO, length: int) -> bytes:
    file.seek(0)
    head = file.read(length)
    file.seek(0)
    return head


def _is_heic(file: BinaryIO) -> bool:
    head = _head(file, 64)
    if head[4:8] != b"ftyp":
        return False
    end = min(len(head), int.from_bytes(head[:4], "big"))
    brands = {head[8:12], *(head[offset : offset + 4] for offset in range(16, end, 4))}
    shared = head[8:12] in _SHARED_BRANDS and not brands & _AVIF_BRANDS
    return bool(shared or brands & _HEIC_BRANDS)


@cache
def heif_opens() -> bool:
    """Have Pillow open HEIC by pi-heif, which decodes only; whether that is installed."""
    try:
        importlib.import_module("pi_heif").register_heif_opener()
    except ImportError:
        return False
    return "HEIF" in Image.OPEN


def _first_directory(file: BinaryIO) -> Directory:
    """The first directory of a TIFF or BigTIFF file; empty for others and for damaged ones."""
    head = _head(file, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        return {}
    try:
        version = struct.unpack_from(order + "H", head, 2)[0]
        if version not in (42, 43):
            return {}
        word, count_code = ("I", "H") if version == 42 else ("Q", "Q")
        start = struct.unpack_from(order + word, head, 4 if version == 42 else 8)[0]
        file.seek(start)
        size = struct.calcsize(order + count_code)
        count = min(_MOST_ENTRIES, struct.unpack(order + count_code, file.read(size))[0])
        entry = struct.Struct(f"{order}HH{word}")
        width = entry.size + struct.calcsize(order + word)
        table = file.read(count * width)
        return {
            entry.unpack_from(table, offset)[0]: values
            for offset in range(0, len(table) - width + 1, width)
            if (values := _values(file, order, word, table[offset : offset + width]))
        }
    except (struct.error, OSError, OverflowError, ValueError):
        return {}
    finally:
        file.seek(0)


def _values(file: BinaryIO, order: str, word: str, entry: bytes) -> tuple[int, ...]:
    """The first values of one entry, which has them itself or tells where they are."""
    _, kind, count = struct.unpack_from(f"{order}HH{word}", entry)
    code = _VALUE_CODES.get(kind)
    if code is None or count == 0:
        return ()
    room = struct.calcsize(order + word)
    found = struct.Struct(f"{order}{min(count, _MOST_VALUES)}{code}")
    if struct.calcsize(code) * count <= room:
        return found.unpack_from(entry, len(entry) - room)
    offset = struct.unpack_from(order + word, entry, len(entry) - room)[0]
    file.seek(offset)
    data = file.read(found.size)
    return found.unpack(data) if len(data) == found.size else ()
