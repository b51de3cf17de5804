"""The zip: what is refused, and what is written."""

import contextlib
import io
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerforms.documents.templates import TemplateError, package
from partnerforms.documents.templates.package import Writer, read
from partnerforms.documents.templates.problems import PackageError

from .making import compiled, opened, paper

TYPES = package.TYPES


def zipped(*entries, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # of names that are written twice
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def test_parts_are_read_with_types_first_and_then_in_the_order_of_the_file():
    data = zipped(("b.xml", b"bee"), ("folder/", b""), (TYPES, b"types"), ("a.xml", b"a"))
    parts = read(data)
    assert list(parts) == [TYPES, "b.xml", "a.xml"]
    assert [part.content() for part in parts.values()] == [b"types", b"bee", b"a"]


def test_stored_parts_and_bytes_before_the_zip():
    data = b"#!/bin/sh\n" + zipped((TYPES, b"types"), ("a.xml", b"a"), method=zipfile.ZIP_STORED)
    assert read(data)["a.xml"].content() == b"a"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.xml",
        "word/../../evil.xml",
        "/etc/passwd",
        "a//b.xml",
        "a\\b.xml",
        "./a.xml",
        "naïve.xml",
        "a\x01",
    ],
)
def test_names_that_word_does_not_write(name):
    with pytest.raises(PackageError, match="a part has a name"):
        read(zipped((TYPES, b""), (name, b"x")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a Word file"),
        (b"PK\3\4 and so on", "not a Word file"),
        (zipped(("a.xml", b"a")), "not a Word file"),
        (zipped((TYPES, b""), ("a.xml", b"1"), ("a.xml", b"2")), "two parts have the same name"),
        (zipped((TYPES, b""), ("a.xml", b"1"), ("A.xml", b"2")), "two parts have the same name"),
        (zipped((TYPES, b""), *((f"{number}.xml", b"") for number in range(500))), "more than 500 parts"),
        (zipped((TYPES, b""), ("a.xml", bytes(200_001))), "more than 200 times smaller"),
        (zipped((TYPES, b""), ("a.xml", bytes(20_000_001)), method=zipfile.ZIP_STORED), "larger than 20 MB"),
        (zipped((TYPES, b""), ("a.xml", b"a"), method=zipfile.ZIP_BZIP2), "a way that Word does not use"),
    ],
)
def test_packages_that_are_refused(data, said):
    with pytest.raises(PackageError, match=said):
        read(data)


def test_a_declared_size_that_is_not_true():
    content = zlib.decompress(zlib.compress(bytes(range(256)) * 20))
    data = zipped((TYPES, b""), ("a.xml", content))
    for wrong in (10, len(content) + 1):
        lying = data.replace(struct.pack("<I", len(content)), struct.pack("<I", wrong))
        with pytest.raises(PackageError, match=r"a\.xml is damaged"):
            read(lying)


def test_a_header_that_names_another_part():
    data = zipped((TYPES, b""), ("abc.xml", b"x"))
    with pytest.raises(PackageError, match=r"abc\.xml is damaged"):
        read(data.replace(b"abc.xml", b"xyz.xml", 1))


def test_parts_that_overlap():
    # Two entries of the directory that share the bytes of one part.
    data = bytearray(zipped((TYPES, b""), ("a.xml", b"a" * 50), ("b.xml", b"a" * 50)))
    first, second = data.find(b"a.xml") - 30, data.find(b"b.xml") - 30
    entry = data.rfind(b"b.xml") - 46
    data[entry + 42 : entry + 46] = first.to_bytes(4, "little")
    assert second > first
    with pytest.raises(PackageError, match=r"overlap|damaged"):
        read(bytes(data))


def test_an_encrypted_part():
    data = bytearray(zipped((TYPES, b""), ("a.xml", b"a")))
    data[data.rfind(b"a.xml") - 46 + 8] |= 1
    with pytest.raises(PackageError, match="it is encrypted"):
        read(bytes(data))


@settings(deadline=None)
@given(st.data())
def test_a_damaged_file_is_an_error_and_nothing_worse(data):
    document = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        document[data.draw(st.integers(0, len(document) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(document)) | st.just(len(document)))
    with contextlib.suppress(TemplateError):
        compiled(bytes(document[:cut]), {"school": None}).fill({"school": "x"})


# ---- written


def test_what_is_written_is_what_zipfile_reads():
    parts = read(zipped((TYPES, b"types"), ("a.xml", b"old"), ("b.bin", bytes(1000)), ("c.xml", b"old")))
    written = Writer(parts.values(), {"a.xml", "c.xml"}).write({"a.xml": b"new", "c.xml": "é".encode() * 5000})
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [TYPES, "a.xml", "b.bin", "c.xml"]
        assert [archive.read(name) for name in parts] == [b"types", b"new", bytes(1000), "é".encode() * 5000]
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.create_system, info.external_attr, info.flag_bits) == (3, 0o600 << 16, 0)
    assert read(written).keys() == parts.keys()


def test_a_data_descriptor_is_not_announced_in_the_copy():
    file = io.BytesIO()

    class Pipe:  # zipfile cannot go back in it, so it writes data descriptors, as Word does
        def write(self, data):
            return file.write(data)

        def flush(self):
            pass

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name in (TYPES, "a.xml"):
            archive.writestr(name, b"x" * 100)
    with zipfile.ZipFile(file) as archive:
        assert archive.infolist()[0].flag_bits & 8
    written = Writer(read(file.getvalue()).values(), ()).write({})
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.testzip() is None
        assert {info.flag_bits for info in archive.infolist()} == {0}


def test_unchanged_parts_keep_their_bytes():
    data = paper(["{{ school }}"])
    written = compiled(data, {"school": None}).fill({"school": "x"})
    before, after = read(data), read(written)
    assert list(before) == list(after)
    assert before["word/fontTable.xml"].raw == after["word/fontTable.xml"].raw


def test_the_same_answers_give_the_same_bytes():
    first, second = (compiled(WHOLE, {"school": None}).fill({"school": "x"}) for _ in range(2))
    assert first == second


def test_without_isal_the_standard_library_serves(monkeypatch):
    monkeypatch.setattr(package, "deflate", package.zlib_deflate)
    monkeypatch.setattr(package, "crc32", zlib.crc32)
    document = compiled(WHOLE, {"school": None}).fill({"school": "Lincoln"})
    assert opened(document).paragraphs[0].text == "Lincoln"


WHOLE = paper(["{{ school }}"])
