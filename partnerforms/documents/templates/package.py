"""The zip of a Word file: read with limits, written by copying what does not change.

Most of a document is the same every time (styles, fonts, pictures). Its compressed bytes are kept as they
lie in the template, so a document costs one deflate of the parts that have answers in them. Nothing in the
bytes depends on the clock: the same answers give the same file.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from partnerforms.documents.templates.problems import PackageError

TYPES = "[Content_Types].xml"

# A template of a hundred pages with pictures stays far below these; a zip bomb does not.
MOST_PARTS = 500
MOST_BYTES = 20_000_000
MOST_RATIO = 200
FREE_OF_RATIO = 100_000  # a small part may be as repetitive as it likes

_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_ENCRYPTED = 0x1
_VERSION = 20
_MADE_BY_UNIX = 3 << 8 | _VERSION
_MODE = 0o600 << 16  # Word for Mac finds "unreadable content" in entries without a mode
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01 00:00, the first moment a zip can name

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5HI")  # all but the offset, which is known only when writing
_END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True)
class Limits:
    """What a package may hold: parts, bytes when unpacked, and how far a part may be packed."""

    parts: int = MOST_PARTS
    bytes: int = MOST_BYTES
    ratio: int = MOST_RATIO


LIMITS = Limits()


@dataclass(frozen=True)
class Part:
    """One part as it lies in the zip: `raw` is compressed unless `method` says stored."""

    name: str
    method: int
    crc: int
    size: int
    raw: bytes

    def content(self) -> bytes:
        """The bytes of the part. Never more than the declared size is unpacked, and the checksum must fit."""
        content = self.raw
        if self.method == _DEFLATED:
            stream = zlib.decompressobj(-15)
            try:
                content = stream.decompress(self.raw, self.size + 1)
            except zlib.error:
                raise PackageError("damaged", name=self.name) from None
        if len(content) != self.size or zlib.crc32(content) != self.crc:
            raise PackageError("damaged", name=self.name)
        return content


def read(data: bytes, limits: Limits = LIMITS) -> dict[str, Part]:
    """The parts of a Word file by name, content types first, the others in the order of the file.

    Every part was unpacked once to see that it is whole, so its raw bytes can be copied into documents.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos, end = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError, struct.error):
        raise PackageError("not_word") from None
    _check_limits(infos, limits)
    parts: dict[str, Part] = {}
    taken = 0
    # In the order of their bytes, so that one entry reaching into the next is seen.
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < taken:
            raise PackageError("overlap")
        part, taken = _part(data, info)
        if taken > end:
            raise PackageError("damaged", name=part.name)
        part.content()
        if not part.name.endswith("/"):
            parts[part.name] = part
    if TYPES not in parts:
        raise PackageError("not_word")
    ordered = [TYPES, *(info.filename for info in infos if info.filename in parts and info.filename != TYPES)]
    return {name: parts[name] for name in ordered}


def _check_limits(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse what is too large, declared twice or badly named, before anything is unpacked."""
    if len(infos) > limits.parts:
        raise PackageError("too_many_parts", most=limits.parts)
    if sum(info.file_size for info in infos) > limits.bytes:
        raise PackageError("unpacks_large", most=limits.bytes // 1_000_000)
    names = set()
    for info in infos:
        name = info.filename
        names.add(name.lower())
        steps = name.removesuffix("/").split("/")
        if not name.isascii() or not name.isprintable() or "\\" in name or not {"", ".", ".."}.isdisjoint(steps):
            raise PackageError("part_name")
        if info.file_size > FREE_OF_RATIO and info.file_size > limits.ratio * info.compress_size:
            raise PackageError("packed_small", name=name, most=limits.ratio)
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (_STORED, _DEFLATED):
            raise PackageError("packed_oddly")
    if len(names) < len(infos):
        raise PackageError("same_name")


def _part(data: bytes, info: zipfile.ZipInfo) -> tuple[Part, int]:
    """The part that an entry of the directory points at, and where its bytes end."""
    try:
        head = _LOCAL.unpack_from(data, info.header_offset)
    except struct.error:
        raise PackageError("damaged", name=info.filename) from None
    signature, method, name_length, extra_length = head[0], head[3], head[9], head[10]
    name_start = info.header_offset + _LOCAL.size
    name = data[name_start : name_start + name_length]
    # A reader that trusts the local header must see the same part as one that trusts the directory.
    if signature != b"PK\3\4" or method != info.compress_type or name != info.orig_filename.encode():
        raise PackageError("damaged", name=info.filename)
    start = name_start + name_length + extra_length
    raw = data[start : start + info.compress_size]
    return Part(info.filename, method, info.CRC, info.file_size, raw), start + info.compress_size


def zlib_deflate(data: bytes, level: int = 1) -> bytes:
    """The deflate stream of the standard library: four times the work of isal, a little smaller."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


deflate: Callable[[bytes], bytes] = zlib_deflate
crc32: Callable[[bytes], int] = zlib.crc32
try:
    from isal import igzip_lib, isal_zlib
except ImportError:  # no wheel for this machine
    pass
else:
    crc32 = isal_zlib.crc32

    def deflate(data: bytes) -> bytes:
        """The deflate stream of isal's level 1."""
        stream: bytes = igzip_lib.compress(data, 1, igzip_lib.COMP_DEFLATE)
        return stream


def pack(name: str, content: bytes) -> Part:
    """A part with new content, compressed fast."""
    return Part(name, _DEFLATED, crc32(content), len(content), deflate(content))


def pack_small(name: str, content: bytes) -> Part:
    """The same for a part that is compressed once and copied into many documents."""
    return Part(name, _DEFLATED, crc32(content), len(content), zlib_deflate(content, 6))


class Writer:
    """Writes packages that differ only in the parts named in `changing`. Safe to share between threads."""

    def __init__(self, parts: Iterable[Part], changing: Collection[str]) -> None:
        self._entries: tuple[str | tuple[bytes, bytes, bytes], ...] = tuple(
            part.name if part.name in changing else _entry(part) for part in parts
        )

    def write(self, changed: Mapping[str, bytes]) -> bytes:
        """The package with the content of each changing part."""
        chunks: list[bytes] = []
        directory: list[bytes] = []
        offset = 0
        for entry in self._entries:
            local, central, name = entry if isinstance(entry, tuple) else _entry(pack(entry, changed[entry]))
            chunks.append(local)
            directory += (central, offset.to_bytes(4, "little"), name)
            offset += len(local)
        index = b"".join(directory)
        count = len(self._entries)
        end = _END.pack(b"PK\5\6", 0, 0, count, count, len(index), offset, 0)
        return b"".join((*chunks, index, end))


def _entry(part: Part) -> tuple[bytes, bytes, bytes]:
    """Header and bytes of a part, its entry in the directory up to the offset, and its name."""
    name = part.name.encode()
    common: tuple[Any, ...] = (
        *(_VERSION, 0, part.method, _TIME, _DATE, part.crc),  # the 0 also says: no data descriptor follows
        *(len(part.raw), part.size, len(name)),
    )
    local = _LOCAL.pack(b"PK\3\4", *common, 0) + name + part.raw
    central = _CENTRAL.pack(b"PK\1\2", _MADE_BY_UNIX, *common, 0, 0, 0, 0, _MODE)
    return local, central, name
