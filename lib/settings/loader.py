"""From names and variables to checked settings: the only way in for the stack."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lib.settings.base import Model, Path, Problem
from lib.settings.errors import SettingsError
from lib.settings.layers import (
    BLUEPRINT_FOLDER,
    Layer,
    Table,
    built_in_blueprints,
    environment_layer,
    merged,
    origin,
    tier_layer,
    value_at,
)
from lib.settings.model import Settings, Tier

PROJECT_FOLDER = FilePath(__file__).parents[2]
DEFAULT_BLUEPRINT = "catalog"
_WORDINGS = {
    "Value error, ": "",
    "Input should": "must",
    "String should": "must",
    "Tuple should": "must",
    "Value should": "must",
    "a valid tuple": "a list",
    "a valid mapping": "a table",
    "a valid dictionary": "a table",
    "a valid string": "text",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
}
_STAND_INS: Table = {"suffix": "dev", "tier": "dev", "region": "us-east-1"}
"""For what is wrong and cannot be left out while the other rules are asked."""
_LONGEST_SHOWN = 160
_TAGS = ("serverless", "replication_group", "instance", "aurora")
"""What pydantic puts into a location for the kind of a unit."""
_FROM_OUTSIDE = {
    "suffix": "comes from ENVIRONMENT_SUFFIX",
    "tier": "comes from the suffix or TAP_TIER",
    "region": "comes from AWS_REGION",
}


def load(
    environment_suffix: str,
    *,
    aws_region: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """The settings of one environment.

    Laid over each other: built-in defaults, the tier's defaults, the blueprint that TAP_BLUEPRINT names (a built-in
    one or a path to a TOML file) and its `[tiers.<tier>]` table, `TAP__…` variables, `overrides`.
    Raises SettingsError that lists every wrong value.
    """
    tier = tier_of(environment_suffix, environ)
    blueprint, own_region = _blueprint_layers(environ.get("TAP_BLUEPRINT") or DEFAULT_BLUEPRINT, tier)
    chosen = [*blueprint, environment_layer(environ), Layer("constructor", overrides or {})]
    region = resolve_region(aws_region, environ, own_region)
    fixed = {"suffix": environment_suffix, "tier": tier, "region": region}
    tier_defaults = tier_layer(
        tier, merged(layer.values for layer in chosen), _units_off_by_default(), _default_kinds()
    )
    return _checked(blueprint[0].name, [tier_defaults, *chosen], fixed)


def completed(
    settings: Settings | None, environment_suffix: str, *, aws_region: str | None, tags: Mapping[str, str]
) -> Settings:
    """The settings that a stack is built from: those given, or loaded ones, under what its constructor says.

    Raises SettingsError that lists every wrong value.
    """
    if settings is None:
        return load(environment_suffix, aws_region=aws_region, overrides={"tags": tags})
    given = {key: value for key, value in settings if key not in _FROM_OUTSIDE}
    fixed = {"suffix": environment_suffix, "tier": settings.tier, "region": aws_region or settings.region}
    return _checked("settings", [Layer("settings", given), Layer("constructor", {"tags": tags})], fixed)


def tier_of(suffix: str, environ: Mapping[str, str] = os.environ) -> Tier:
    """`prod-eu` is prod, `staging` is staging, anything else is dev; TAP_TIER has the last word."""
    named = environ.get("TAP_TIER")
    known = get_args(Tier)
    if named and named not in known:
        raise SettingsError("environment", [f"TAP_TIER = {named!r}: must be one of {', '.join(known)}"])
    word = named or suffix.partition("-")[0]
    return next((tier for tier in known if tier == word), "dev")


def resolve_region(
    aws_region: str | None,
    environ: Mapping[str, str] = os.environ,
    blueprint_region: str | None = None,
    root: FilePath = PROJECT_FOLDER,
) -> str:
    """The first that is there: the argument, AWS_REGION, the file lib/AWS_REGION, the blueprint's own `region`,
    `region` of metadata.json."""
    pinned = root / "lib" / "AWS_REGION"
    return (
        aws_region
        or environ.get("AWS_REGION")
        or (pinned.read_text().strip() if pinned.is_file() else "")
        or blueprint_region
        or str(json.loads((root / "metadata.json").read_text())["region"])
    )


def _blueprint_layers(name: str, tier: Tier) -> tuple[list[Layer], str | None]:
    """The blueprint and what it says about the tier; and the region that it is meant for, if it names one."""
    path = _blueprint_path(name)
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(path.name, [f"cannot be read as TOML: {error}"]) from None
    tiers = table.pop("tiers", {})
    if not isinstance(tiers, dict) or not all(isinstance(each, dict) for each in tiers.values()):
        raise SettingsError(path.name, ["tiers: must hold tables, [tiers.prod] for one"])
    if unknown := sorted(tiers.keys() - set(get_args(Tier))):
        known = ", ".join(get_args(Tier))
        raise SettingsError(path.name, [f"tiers.{tier}: unknown tier; there are {known}" for tier in unknown])
    region = table.pop("region", None)
    if not isinstance(region, str | None):
        raise SettingsError(path.name, [f"region = {_shown(region)}: must be text"])
    return [Layer(path.name, table), Layer(f"{path.name}, tiers.{tier}", tiers.get(tier, {}))], region


def _blueprint_path(name: str) -> FilePath:
    if name in built_in_blueprints():
        return BLUEPRINT_FOLDER / f"{name}.toml"
    path = FilePath(name)
    if path.is_file():
        return path
    known = ", ".join(built_in_blueprints())
    raise SettingsError(
        "environment", [f"TAP_BLUEPRINT = {name!r}: neither a file nor one of the built-in blueprints ({known})"]
    )


def _units_off_by_default() -> list[str]:
    return [name for name, field in Settings.model_fields.items() if field.default is None]


def _default_kinds() -> dict[str, str]:
    """Unit -> the kind of it that is taken when none is named."""
    return {
        name: kind for name, field in Settings.model_fields.items() if (kind := getattr(field.default, "kind", None))
    }


def _checked(source: str, layers: Sequence[Layer], fixed: Table) -> Settings:
    findings = [
        f"{key} = {layer.values[key]!r} ({layer.name}): {_FROM_OUTSIDE[key]}, not from here"
        for layer in layers
        for key in sorted(layer.values.keys() & fixed.keys())
    ]
    lowest, *chosen = (layer.values for layer in layers)
    # What is chosen first: a unit that one layer leaves out and a later one brings back has its tier's defaults.
    table = merged([lowest, merged(chosen), fixed])
    settings, wrong, wrong_texts = _validated(table, layers)
    findings += wrong_texts
    if settings is not None:
        findings += [
            _problem_text(problem, table, layers)
            for problem in settings.problems()
            if not any(_related(path, bad) for path in problem.involves for bad in wrong)
        ]
    if findings or settings is None:
        raise SettingsError(source, findings)
    return settings


def _validated(table: Table, layers: Sequence[Layer]) -> tuple[Settings | None, list[Path], list[str]]:
    """The settings, the paths of values that are wrong by themselves, and what to say of these.

    With wrong values the settings are those without them, so that rules about the others can still be asked:
    None where too much is wrong for that.
    """
    try:
        return Settings.model_validate(table), [], []
    except ValidationError as error:
        errors = _first_causes(error.errors())
    wrong = [_setting_path(each["loc"]) for each in errors]
    texts = [_error_text(each, path, layers) for each, path in zip(errors, wrong, strict=True)]
    try:
        return Settings.model_validate(_STAND_INS | _without(table, wrong)), wrong, texts
    except ValidationError:
        return None, wrong, texts


def _first_causes(errors: Sequence[Any]) -> list[Any]:
    """The errors without those that only follow: a list is "too short" when its only item is wrong."""
    locations = [each["loc"] for each in errors]
    return [
        each
        for each in errors
        if each["type"] != "too_short"
        or not any(each["loc"] == other[: len(each["loc"])] for other in locations if other != each["loc"])
    ]


def _without(table: Any, paths: Sequence[Path]) -> Any:
    """The table without what stands at these paths; a list with something wrong in it goes as a whole."""
    if not isinstance(table, Mapping):
        return table
    result = {}
    for key, value in table.items():
        below = [path[1:] for path in paths if path[0] == key]
        if () in below or (below and not isinstance(value, Mapping)):
            continue
        result[key] = _without(value, below)
    return result


def _related(one: Path, other: Path) -> bool:
    """Whether one of the settings lies in the other."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _setting_path(location: Sequence[int | str]) -> Path:
    """Pydantic's location without what no user wrote: the union's tag and the mark of a key."""
    path = [str(part) for part in location if part != "[key]"]
    if len(path) > 1 and path[0] in _default_kinds() and path[1] in _TAGS:
        del path[1]
    return tuple(path)


def _error_text(error: Any, path: Path, layers: Sequence[Layer]) -> str:
    where = ".".join(path)
    from_layer = origin(layers, path)
    suffix = f" ({from_layer})" if from_layer else ""
    if error["type"] == "extra_forbidden":
        return f"{where}{suffix}: unknown setting{_nearest(path)}"
    if error["type"] == "missing":
        return f"{where}: must be given"
    if error["loc"][-1] == "[key]":
        return f"{where}{suffix}: the name {_wording(error['msg'])}"
    if isinstance(error["input"], Mapping):
        return f"{where}{suffix}: {_wording(error['msg'])}"
    return f"{where} = {_shown(error['input'])}{suffix}: {_wording(error['msg'])}"


def _problem_text(problem: Problem, table: Table, layers: Sequence[Layer]) -> str:
    where = ".".join(problem.at)
    from_layer = origin(layers, problem.at)
    suffix = f" ({from_layer})" if from_layer else ""
    try:
        value = value_at(table, problem.at)
    except KeyError:
        return f"{where}: {problem.message}"
    shown = "" if isinstance(value, Mapping | Model) else f" = {_shown(value)}"
    return f"{where}{shown}{suffix}: {problem.message}"


def _shown(value: Any) -> str:
    """The value as one would write it in TOML, the beginning of a long one."""
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _wording(message: str) -> str:
    """Pydantic's message as the rest of a sentence about the setting."""
    for theirs, ours in _WORDINGS.items():
        message = message.replace(theirs, ours)
    return message


def _nearest(path: Path) -> str:
    models = _models_of_table(path[:-1])
    if kinds := [kind for model in models if path[-1] in model.model_fields for kind in _kinds_of(model)]:
        return f" of this kind; {' and '.join(kinds)} has it"
    known = sorted({name for model in models for name in model.model_fields} - _FROM_OUTSIDE.keys())
    near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(known)}"


def _models_of_table(path: Path) -> list[type[BaseModel]]:
    """The models that a table may be of: several where a unit comes in kinds."""
    models: list[type[BaseModel]] = [Settings]
    for key in path:
        models = [inner for each in models for inner in _step(each, key)]
    return models


def _kinds_of(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("kind")
    return get_args(field.annotation) if field else ()


def _step(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    yield from _models(model.model_fields[key].annotation) if key in model.model_fields else [model]


def _models(annotation: Any) -> Iterator[type[Model]]:
    """The models that an annotation speaks of: itself, the alternatives of a union, the values of a table or list."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            yield from _models(argument)
