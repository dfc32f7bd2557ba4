"""Where settings come from: tables that are laid one over the other, the later one winning."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from lib.settings.base import Path

SETTINGS_FOLDER = FilePath(__file__).parent
BLUEPRINT_FOLDER = SETTINGS_FOLDER / "blueprints"
ENVIRONMENT_PREFIX = "TAP__"

Table = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """One source of settings. `name` is what an error calls it."""

    name: str
    values: Mapping[str, Any]


def merged(tables: Iterable[Mapping[str, Any]]) -> Table:
    """Tables laid over each other, table by table; anything but a table replaces what was there."""
    result: Table = {}
    for table in tables:
        for key, value in table.items():
            below = result.get(key)
            if isinstance(value, Mapping) and isinstance(below, Mapping):
                result[key] = merged([below, value])
            else:
                result[key] = _frozen(value)
    return result


def _frozen(value: Any) -> Any:
    """A copy in which lists are tuples and tables are new."""
    if isinstance(value, Mapping):
        return {key: _frozen(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(child) for child in value)
    return value


def origin(layers: Iterable[Layer], path: Path) -> str | None:
    """The layer that has the last word on a setting; None when no layer speaks of it."""
    return next((layer.name for layer in reversed(list(layers)) if _has(layer.values, path)), None)


def value_at(table: Any, path: Path) -> Any:
    """What stands at a path. KeyError when there is nothing."""
    for key in path:
        if isinstance(table, tuple | list) and key.isdigit() and int(key) < len(table):
            table = table[int(key)]
        elif isinstance(table, Mapping):
            table = table[key]
        else:
            raise KeyError(key)
    return table


def _has(table: Any, path: Path) -> bool:
    try:
        value_at(table, path)
    except KeyError:
        return False
    return True


def tier_table(tier: str) -> Table:
    """What `tiers.toml` says of a tier. A table within a unit's is for one kind of it: `[prod.database.aurora]`."""
    table: Table = tomllib.loads((SETTINGS_FOLDER / "tiers.toml").read_text())[tier]
    return table


def tier_layer(
    tier: str, chosen: Mapping[str, Any], optional_units: Iterable[str], default_kinds: Mapping[str, str]
) -> Layer:
    """The tier's defaults. They never switch a unit on: those of an optional unit count only if it is chosen.

    default_kinds: unit -> its kind when none is chosen.
    """
    off = {unit for unit in optional_units if unit not in chosen}
    values = {
        unit: _of_kind(unit_values, _chosen_kind(chosen.get(unit)) or default_kinds.get(unit))
        for unit, unit_values in tier_table(tier).items()
        if unit not in off
    }
    return Layer(f"tier {tier}", values)


def _chosen_kind(unit: Any) -> Any:
    return unit.get("kind") if isinstance(unit, Mapping) else getattr(unit, "kind", None)


def _of_kind(values: Mapping[str, Any], kind: Any) -> Table:
    """The values that every kind has, and those of this one."""
    common = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    own = values.get(kind, {}) if isinstance(kind, str) else {}
    return common | dict(own)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """`TAP__DATABASE__MULTI_AZ=true` sets `database.multi_az`. Values are TOML; what is no TOML is text."""
    values: Table = {}
    for variable in sorted(environ):
        if variable.startswith(ENVIRONMENT_PREFIX):
            *tables, last = _environment_path(variable)
            nested: Table = {last: _toml_value(environ[variable])}
            for table in reversed(tables):
                nested = {table: nested}
            values = merged([values, nested])
    return Layer(f"environment ({ENVIRONMENT_PREFIX}…)", values)


def _environment_path(variable: str) -> list[str]:
    """Setting names are lower case; what the user names (container variables, tags) keeps its case."""
    path: list[str] = []
    for word in variable.removeprefix(ENVIRONMENT_PREFIX).split("__"):
        named_by_user = path[-1:] in (["environment"], ["tags"]) or (
            path[:1] == ["services"] and path[2:] == ["secrets"]
        )
        path.append(word if named_by_user else word.lower())
    return path


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def built_in_blueprints() -> list[str]:
    return sorted(path.stem for path in BLUEPRINT_FOLDER.glob("*.toml"))
