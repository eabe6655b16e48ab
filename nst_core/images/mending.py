"""Files with damage beside the picture -> the same files without it.

Decoders refuse a whole file for a broken comment, or for the two bytes that only say that it ends
here. Pillow's switch for damaged files holds for all threads and lets cut pictures through.
"""

import hashlib
import io
import random
import re
import struct
import zlib
from typing import BinaryIO

from PIL import Image

from nst_core.images.containers import png_chunks
from nst_core.images.sizes import within_limits

MAX_NOTE_BYTES = 4 * 2**20
"""Of a chunk beside a PNG file's picture; larger ones are left out unread."""
MAX_UNPACKED_BYTES = 2**20
"""Of a packed text or profile; Pillow refuses files with more."""
_MAX_TEXT_BYTES = 16 * 2**20
"""Of all texts of a file together, unpacked; Pillow refuses four times this."""
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_LATER_FRAMES = (b"acTL", b"fcTL", b"fdAT")
_SIZES = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"acTL": 8, b"fcTL": 26, b"cICP": 4}
"""Kind of chunk -> bytes that it has if it is sound."""

MAX_JPEG_BYTES = 256 * 2**20
"""Larger files are not mended, which happens in memory."""
_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""Any but those that are part of a scan's data."""
_NOISE_BYTES = 4096
"""More than the largest unit of a scan takes, 10 blocks of 64 values of 26 bits at most: blocks
beyond the picture's edge must not use the noise up before those within it are read."""
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def sound_png(file: BinaryIO) -> BinaryIO:
    """The file at its start or, if a chunk beside its picture is damaged, a copy without that.

    Other formats come back as they are. So do the chunks that make up the picture: where those
    are damaged, the file is refused by its decoder.
    """
    dropped, frames, texts = [], [], 0
    for kind, start, length in png_chunks(file):
        if kind in _LATER_FRAMES:
            frames.append((start - 8, start + length + 4))
        if kind in (b"tRNS", b"fdAT") or not kind[0] & 0x20:  # capitals: part of the picture
            continue
        size = _unpacked_size(file, kind, start, length, texts)
        if size is None:
            dropped.append((start - 8, start + length + 4))
        elif kind in _TEXTS:
            texts += size
    file.seek(0)
    return _without(file, sorted({*dropped, *frames})) if dropped else file


def _without(file: BinaryIO, spans: list[tuple[int, int]]) -> BinaryIO:
    """A copy in memory without the bytes from the first to before the second of each pair."""
    data, offset, kept = file.read(), 0, []
    for start, end in spans:
        kept.append(data[offset:start])
        offset = end
    return io.BytesIO(b"".join([*kept, data[offset:]]))


def _unpacked_size(file: BinaryIO, kind: bytes, start: int, length: int, texts: int) -> int | None:
    """Bytes of a chunk's content after unpacking; None if Pillow would refuse the file for it.

    `texts` counts the bytes of the texts before it.
    """
    if length > MAX_NOTE_BYTES or length != _SIZES.get(kind, length):
        return None
    file.seek(start)
    content, checksum = file.read(length), file.read(4)
    if checksum != struct.pack(">I", zlib.crc32(kind + content)):
        return None
    _, _, rest = content.partition(b"\0")
    packed = None
    if kind in (b"zTXt", b"iCCP"):
        if rest[:1] != b"\0":  # the one way of packing that there is
            return None
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] != b"\0":
        packed = rest[2:].split(b"\0", 2)[-1]
    size = length if packed is None else _unpacked(packed)
    if size is None or (kind in _TEXTS and texts + size > _MAX_TEXT_BYTES):
        return None
    return size


def _unpacked(packed: bytes) -> int | None:
    """Bytes after unpacking; None if there are too many."""
    unpacker = zlib.decompressobj()
    try:
        size = len(unpacker.decompress(packed, MAX_UNPACKED_BYTES))
    except zlib.error:  # Pillow takes these as empty
        return 0
    return None if unpacker.unconsumed_tail else size


def ended_jpeg(file: BinaryIO) -> BinaryIO | None:
    """A copy of a JPEG file with the end that it lacks; None for others and for cut pictures.

    Given an end, a decoder paints whatever is missing grey. Whether anything is missing can't be
    told from the number of bytes. But every bit that the picture lacks would be read from what
    comes next: if the pixels stay the same with an end alone and with any of four strings of
    noise before it, then no bit behind the file's own takes part in them. Two kinds of cut leave
    nothing to be read there. Between two scans: hence `_has_all_scans`. And between two restart
    intervals, where a decoder skips to the next restart marker: hence those among the noise, the
    one that would be next first. What is left is a cut within the last block of which all noises
    give the same, saturated values; then those few pixels are off.

    Raises:
        Exception: whatever Pillow raises for a damaged file.
    """
    file.seek(0)
    data = file.read(MAX_JPEG_BYTES + 1)
    file.seek(0)
    if not data.startswith(b"\xff\xd8\xff") or len(data) > MAX_JPEG_BYTES:
        return None
    if not _has_all_scans(data):
        return None
    data = data.removesuffix(b"\xff")  # half of the end, or of a cut pair of bytes
    alone = _pixels(data + _END)
    restarts = _RESTART.findall(data, data.rindex(b"\xff\xda"))
    following = restarts[-1][0] + 1 if restarts else 0
    noises = (_noise(seed, following) for seed in range(4))
    same = alone is not None and all(_pixels(data + noise + _END) == alone for noise in noises)
    return io.BytesIO(data + _END) if same else None


def _has_all_scans(data: bytes) -> bool:
    """Whether a JPEG file ends within a scan, the last one that its picture needs.

    That is so if for each component the latest scan of each of the 64 frequencies gave the
    lowest bit.
    """
    lowest: dict[int, list[int]] = {}  # component -> the bit for each frequency
    offset, marker = 2, 0
    while found := _MARKER.search(data, offset):
        marker = found[1][0]
        length = int.from_bytes(data[found.end() : found.end() + 2], "big")
        offset = found.end() + length
        segment = data[found.end() + 2 : offset]
        if marker == _END[1] or length < 2 or len(segment) < length - 2:
            return False
        if marker in _FRAMES:
            lowest = {component: [99] * 64 for component in segment[6::3]}
        if marker == 0xDA:
            _note_scan(segment, lowest)
    return marker == 0xDA and all(not any(bits) for bits in lowest.values())


def _note_scan(segment: bytes, lowest: dict[int, list[int]]) -> None:
    parts = 1 + 2 * segment[0]
    first, last, bits = segment[parts : parts + 3]
    for component in segment[1:parts:2]:
        lowest[component][first : last + 1] = [bits & 15] * (last + 1 - first)


def _noise(seed: int, restart: int) -> bytes:
    """Bytes that a scan may have, and between them all restart markers from a given one on.

    The first bit is 0 for even seeds and 1 for odd ones, so that a single bit makes a difference.
    """
    source = random.Random(seed)
    parts = [bytes([(0x65, 0xA5)[seed % 2]])]
    for n in range(restart, restart + 16):
        noise = source.randbytes(_NOISE_BYTES).replace(b"\xff", b"\x7f")
        parts += [noise, bytes([0xFF, 0xD0 | n & 7])]
    return b"".join(parts)


def _pixels(data: bytes) -> bytes | None:
    """A digest of the pixels; None beyond the limits on an image's size."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        return hashlib.sha256(image.tobytes()).digest() if within_limits(image.size) else None
