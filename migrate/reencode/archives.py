"""Zip archives whose members are pickles: taken apart, and put together with all else as it was.

Members that hold no pickle stay byte for byte as they are stored, compressed or not, and so do the entries of
the directory that belong to them. Those that are converted keep name, date, mode, comment and kind of
compression. An archive is converted as a whole or not at all.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from lzma import LZMAError
from typing import TYPE_CHECKING

from attrs import field, frozen

from migrate.legacy import DEFAULT_LIMITS, Limits, MigrateError
from migrate.reencode.containers import could_hold
from migrate.reencode.convert import NOTHING_OF_OURS, Conversion
from migrate.reencode.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zipfile import ZipInfo

MAGIC = b"PK\x03\x04"
"""What an archive with members begins with (APPNOTE.TXT of PKWARE, section 4.3.7)."""
_HEAD = 4096
_ENCRYPTED, _MARKED, _DESCRIPTOR = 1, 2, 8
"""Bits of the flags of a member (section 4.4.4)."""
_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_ENTRY = struct.Struct("<4sHHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_BIG, _MANY = 0xFFFFFFFF, 0xFFFF
"""Stand where the real numbers are in the records of Zip64 (section 4.5.3)."""
_ZIP64 = 1
_DAMAGE = (zipfile.BadZipFile, EOFError, zlib.error, OSError, LZMAError, struct.error, ValueError)
_FREE = 64 << 20
"""Bytes that a member may have whatever its ratio, as for other compressions."""


@frozen
class InArchives:
    """A conversion that also looks into zip archives, for which it stands as ``convert`` does.

    Archives in archives are not looked into.
    """

    convert: Callable[[bytes], Conversion]
    limits: Limits = DEFAULT_LIMITS

    def __call__(self, data: bytes) -> Conversion:
        """Convert ``data``. Raises :class:`~migrate.legacy.MigrateError`, with the name of the member."""
        if not data.startswith(MAGIC):
            return self.convert(data)
        try:
            archive = _Archive.of(data)
            found = [self._member(archive, member) for member in archive.members]
            conversions = [conversion for conversion in found if conversion.kinds]
            if not conversions:
                return NOTHING_OF_OURS
            new = None
            if any(conversion.data is not None for conversion in found):
                new = archive.rebuilt([conversion.data for conversion in found])
        except NotImplementedError as error:  # what this Python does not have
            raise Refused(f"a zip archive that cannot be read: {error}", reason="unreadable") from error
        except _DAMAGE as error:
            raise Refused(f"a damaged zip archive: {error}", reason="malformed") from error
        return _sum(conversions, new)

    def _member(self, archive: _Archive, member: _Member) -> Conversion:
        info = member.info
        if info.is_dir():
            return NOTHING_OF_OURS
        try:
            allowed = min(self.limits.max_unpacked, max(_FREE, self.limits.max_ratio * info.compress_size))
            head = archive.read(member, _HEAD)
            if not could_hold(head):
                return NOTHING_OF_OURS
            data = archive.read(member, allowed + 1)
            if len(data) > allowed:
                raise Refused(f"more than {allowed} bytes when unpacked", reason="limit")
            return self.convert(data)
        except MigrateError as error:
            where = f" (member {info.filename!r})"
            raise Refused(error.message + where, reason=error.reason, path=error.path) from error


@frozen
class _Member:
    info: ZipInfo
    stored: memoryview
    """Its local header, its data, and what follows them up to the next member."""
    entry: bytes
    """Its entry in the directory."""

    @property
    def header_size(self) -> int:
        """Bytes of the local header."""
        fields = _LOCAL.unpack_from(self.stored)
        return _LOCAL.size + int(fields[9]) + int(fields[10])


@frozen
class _Archive:
    data: bytes = field(repr=False)
    file: zipfile.ZipFile
    members: Sequence[_Member]
    """In the order of the directory."""
    end: bytes
    """The record at the end, with the comment."""

    @classmethod
    def of(cls, data: bytes) -> _Archive:
        """Look at the directory of an archive. Raises :class:`Refused` for what is not taken apart."""
        file = zipfile.ZipFile(io.BytesIO(data))
        end = len(data) - _END.size - len(file.comment)
        signature, disk, first, here, count, size, start, _ = _END.unpack_from(data, end)
        if signature != b"PK\x05\x06" or (disk, first) != (0, 0) or here != count:
            raise Refused("a zip archive in several parts, or with bytes after it", reason="malformed")
        if _BIG in (size, start) or count == _MANY or start + size != end:
            raise Refused(
                "a zip archive of the form Zip64 is not rewritten; pack it anew", reason="malformed"
            )
        infos = file.infolist()
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise Refused("an encrypted zip archive; decrypt it first", reason="unreadable")
        entries = list(_entries(data, start, end))
        if len(entries) != len(infos) or count != len(infos):
            raise zipfile.BadZipFile("the directory has another number of members than it says")
        return cls(data, file, _members(data, start, infos, entries), data[end:])

    def read(self, member: _Member, size: int) -> bytes:
        """Return the first ``size`` bytes of a member. If that is all of it, its CRC is checked."""
        with self.file.open(member.info) as file:
            return file.read(size)

    def rebuilt(self, changed: Sequence[bytes | None]) -> bytes:
        """Return the archive with other data in the members where ``changed`` is not None."""
        offsets, entries, position = {}, {}, 0
        parts: list[bytes | memoryview] = []
        order = sorted(range(len(self.members)), key=lambda n: self.members[n].info.header_offset)
        for number in order:
            member, data = self.members[number], changed[number]
            stored, entry = (member.stored, member.entry) if data is None else _packed(member, data)
            parts.append(stored)
            offsets[number], position = position, position + len(stored)
            entries[number] = entry
        directory = b"".join(_moved(entries[n], offsets[n]) for n in range(len(self.members)))
        if position + len(directory) >= _BIG:
            raise Refused("the new archive would have more than 4 GB", reason="limit")
        fields = list(_END.unpack_from(self.end))
        fields[5], fields[6] = len(directory), position
        new = b"".join([*parts, directory, _END.pack(*fields), self.end[_END.size :]])
        self._check(new, changed)
        return new

    def _check(self, new: bytes, changed: Sequence[bytes | None]) -> None:
        """Read the new archive back, every member of it."""
        made = _Archive.of(new)
        for old, member, data in zip(self.members, made.members, changed, strict=True):
            same = all(getattr(old.info, name) == getattr(member.info, name) for name in _KEPT)
            if data is None:
                same = same and old.stored == member.stored
            else:
                same = same and made.read(member, len(data) + 1) == data
            if not same:
                what = (
                    f"the member {old.info.filename!r} does not come out of the new archive as it was put in"
                )
                raise Refused(what, reason="verify-failed")


_KEPT = (
    *("filename", "date_time", "compress_type", "comment", "extra"),
    *("create_system", "external_attr", "internal_attr"),
)


def _entries(data: bytes, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        fields = _ENTRY.unpack_from(data, start)
        if fields[0] != b"PK\x01\x02":
            raise zipfile.BadZipFile("the directory is damaged")
        size = _ENTRY.size + fields[10] + fields[11] + fields[12]
        yield data[start : start + size]
        start += size


def _members(data: bytes, start: int, infos: Sequence[ZipInfo], entries: Sequence[bytes]) -> list[_Member]:
    """Cut the data before the directory into members, which must fill it without a gap or an overlap."""
    offsets = sorted(info.header_offset for info in infos)
    if offsets and offsets[0] != 0:
        raise Refused("bytes stand before the zip archive", reason="malformed")
    following = dict(zip(offsets, [*offsets[1:], start], strict=True))
    if len(following) < len(offsets):
        raise zipfile.BadZipFile("two members at the same place")
    members = []
    for info, entry in zip(infos, entries, strict=True):
        stored = memoryview(data)[info.header_offset : following[info.header_offset]]
        member = _Member(info, stored, entry)
        if member.header_size + info.compress_size > len(stored):
            raise zipfile.BadZipFile("members overlap")
        members.append(member)
    return members


def _packed(member: _Member, data: bytes) -> tuple[bytes, bytes]:
    """Return the stored form and the entry of a member with other data, compressed as it was."""
    info = zipfile.ZipInfo("member")
    info.compress_type = member.info.compress_type
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(info, data)
    begin = _LOCAL.size + len(info.filename)
    packed = buffer.getvalue()[begin : begin + info.compress_size]
    header = bytes(member.stored[: member.header_size])
    local = list(_LOCAL.unpack_from(header))
    entry = list(_ENTRY.unpack_from(member.entry))
    _refuse_zip64(header[_LOCAL.size + local[9] :], member.info)
    _refuse_zip64(member.info.extra, member.info)
    # The sizes stand in the header now, so nothing need follow the data. LZMA has its end marked.
    flags = (local[2] & ~_DESCRIPTOR) | (_MARKED if info.compress_type == zipfile.ZIP_LZMA else 0)
    local[2] = entry[3] = flags
    local[6:9] = entry[7:10] = [info.CRC, info.compress_size, info.file_size]
    return (
        _LOCAL.pack(*local) + header[_LOCAL.size :] + packed,
        _ENTRY.pack(*entry) + member.entry[_ENTRY.size :],
    )


def _refuse_zip64(extra: bytes, info: ZipInfo) -> None:
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _ZIP64:
            what = f"the member {info.filename!r} is of the form Zip64, which is not rewritten; pack it anew"
            raise Refused(what, reason="malformed")
        extra = extra[4 + size :]


def _moved(entry: bytes, offset: int) -> bytes:
    fields = list(_ENTRY.unpack_from(entry))
    fields[16] = offset
    return _ENTRY.pack(*fields) + entry[_ENTRY.size :]


def _sum(found: Sequence[Conversion], new: bytes | None) -> Conversion:
    """Return what the members are and become, as one."""
    classes: dict[str, int] = {}
    for conversion in found:
        for name, count in conversion.classes.items():
            classes[name] = classes.get(name, 0) + count
    return Conversion(
        tuple(sorted({kind for conversion in found for kind in conversion.kinds})),
        ("zip",),
        new,
        sum(conversion.pickles for conversion in found),
        classes,
        next((conversion.unchecked for conversion in found if conversion.unchecked), ""),
    )
