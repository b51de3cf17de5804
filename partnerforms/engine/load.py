"""TOML files to definitions. Each error names the file, the path in it and the rule.

A `Definition` is one instrument as plain data with the option lists it uses folded in, so it can be kept
beside the answers as it was on the day they were asked. `engine.build` makes an instrument of it.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Data = dict[str, Any]

SHARED_FILES = ("options", "responsibilities", "crosswalk", "languages")


class InstrumentError(ValueError):
    """An instrument file breaks a rule: which file, where in it, which rule."""

    def __init__(self, file: str, path: str, rule: str) -> None:
        super().__init__(f"{file}: {path}: {rule}")
        self.file, self.path, self.rule = file, path, rule


@dataclass(frozen=True)
class Definition:
    """One instrument as JSON-able data, complete in itself."""

    data: Data
    file: str

    @property
    def id(self) -> str:
        return str(self.data.get("id", ""))


def read_toml(path: Path) -> Data:
    """The data of a TOML file; InstrumentError with the line when it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InstrumentError(path.name, "file", str(error)) from error


def read_definitions(folder: Path) -> dict[str, Definition]:
    """Every instrument of a folder by id, not yet built."""
    shared = read_toml(folder / "options.toml")
    found = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem in SHARED_FILES:
            continue
        data = read_toml(path)
        if data.get("id") != path.stem:
            raise InstrumentError(path.name, "id", f"must be the file's name, {path.stem!r}")
        used = {name: shared[name] for name in sorted(_lists_used(data)) if name in shared}
        found[path.stem] = Definition({**data, "options": {**used, **data.get("options", {})}}, path.name)
    return found


def _lists_used(data: object) -> set[str]:
    """Names of the shared option lists that any item of the data refers to."""
    if isinstance(data, list):
        return {name for part in data for name in _lists_used(part)}
    if not isinstance(data, dict):
        return set()
    here = {value for key in ("scale", "options", "marks") if isinstance(value := data.get(key), str)}
    return here.union(*(_lists_used(part) for part in data.values()))
