"""A ZIP file that is written piece by piece, so that it is never whole in memory."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, cast


class Archive:
    """Gives the bytes of a ZIP to `write` as its entries come. Use it with `with`: its end writes the directory.

    Two entries never get the same name, also where capitals do not count: the second is called "name-2.docx".
    """

    def __init__(self, write: Callable[[bytes], object], now: datetime) -> None:
        self._moment = now.timetuple()[:6]
        self._names: set[str] = set()
        self._zip = zipfile.ZipFile(cast(IO[bytes], _Sink(write)), "w")

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._zip.close()

    def add(self, name: str, content: bytes) -> str:
        """Put in a file that is at hand; you get the name it has in the archive."""
        info = self._entry(name)
        self._zip.writestr(info, content, compresslevel=1)  # Word files hardly shrink: be quick
        return info.filename

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Put in a file piece by piece: what you get takes the pieces. One file at a time."""
        with self._zip.open(self._entry(name), "w") as entry:
            yield entry.write

    def _entry(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(self._free(name), self._moment)
        # Word files are deflated again: a stored entry of unknown length is unreadable to some programs.
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _free(self, name: str) -> str:
        path, number = PurePosixPath(name), 1
        while str(path).casefold() in self._names:
            number += 1
            path = PurePosixPath(name).with_stem(f"{PurePosixPath(name).stem}-{number}")
        self._names.add(str(path).casefold())
        return str(path)


class _Sink:
    """What zipfile takes for a file: it can be written to, and nothing else."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def write(self, content: bytes) -> int:
        self._write(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass
