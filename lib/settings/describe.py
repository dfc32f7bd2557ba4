"""The reference of all settings as Markdown, from their own descriptions."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from typing import Any, get_args

from lib.settings.base import Model
from lib.settings.layers import tier_table, value_at
from lib.settings.model import Settings, Tier

_Schema = Mapping[str, Any]
_Paths = tuple[tuple[str, ...], ...]
"""Where the tiers' defaults of a table stand: with the unit, and with the kind of it."""
_HEADER = "| setting | allowed | default | meaning |\n|---|---|---|---|"


def reference() -> str:
    """All settings, a section for each table: name, allowed values, default (by tier where it differs), meaning."""
    schema = _schema()
    tiers = {tier: tier_table(tier) for tier in get_args(Tier)}
    sections = [_section(path, model, tiers) for path, model in _tables((), schema, schema["$defs"])]
    return "\n".join(sections)


def _schema() -> _Schema:
    """Pydantic's schema, with what the docstring below each field says.

    Pydantic would read them too, but in every run, which makes the models take half as long again.
    """
    schema = Settings.model_json_schema()
    models = {model.__name__: model for model in _subclasses(Model)}
    for name, described in {Settings.__name__: schema, **schema["$defs"]}.items():
        inherited = [each for each in reversed(models[name].__mro__) if issubclass(each, Model)]
        for field, text in (pair for each in inherited for pair in _attribute_docstrings(each)):
            described["properties"][field]["description"] = text
    return schema


def _subclasses(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)


def _attribute_docstrings(model: type) -> Iterator[tuple[str, str]]:
    (definition,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(definition, ast.ClassDef)
    for field, text in pairwise(definition.body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as docstring)):
                yield name, inspect.cleandoc(docstring)


def _tables(path: tuple[str, ...], model: _Schema, models: _Schema) -> Iterator[tuple[tuple[str, ...], _Schema]]:
    """Every table with its path, in the order in which a reader meets them."""
    yield path, model
    for name, field in model["properties"].items():
        for step, reference_ in _references(field):
            yield from _tables((*path, name, *step), models[reference_.removeprefix("#/$defs/")], models)


def _references(field: _Schema) -> Iterator[tuple[tuple[str, ...], str]]:
    """The models that a field's schema names, and the steps that lead from the field to them."""
    if "$ref" in field:
        yield (), field["$ref"]
    for alternative in [*field.get("anyOf", ()), *field.get("oneOf", ())]:
        yield from _references(alternative)
    for named in field.get("patternProperties", {}).values():
        for step, name in _references(named):
            yield ("NAME", *step), name
    if "items" in field:
        for step, name in _references(field["items"]):
            yield ("[]", *step), name


def _section(path: tuple[str, ...], model: _Schema, tiers: _Schema) -> str:
    kind = _kind(model)
    title = ".".join(path).replace(".[]", "[]") + (f' with kind = "{kind}"' if kind else "")
    heading = f"### `[{title}]`" if path else "### At the top"
    paths = (path, (*path, kind)) if kind else (path,)
    rows = [_row(paths, name, field, name in model.get("required", ()), tiers) for name, field in _plain(model)]
    table = "\n".join([_HEADER, *rows])
    return f"{heading}\n\n{model['description']}\n\n{table}\n"


def _kind(model: _Schema) -> str | None:
    """Which kind of a unit a model is for; None for a unit that has no kinds."""
    kind: str | None = model["properties"].get("kind", {}).get("const")
    return kind


def _plain(model: _Schema) -> Iterator[tuple[str, _Schema]]:
    """The fields that hold values, not one table with a section of its own."""
    for name, field in model["properties"].items():
        is_table = any(step[:1] != ("[]",) for step, _ in _references(field))
        if not is_table:
            yield name, field


def _row(paths: _Paths, name: str, field: _Schema, required: bool, tiers: _Schema) -> str:
    default = "must be given" if required else _default(paths, name, field, tiers)
    return f"| `{name}` | {_allowed(field)} | {default} | {_in_cell(field['description'])} |"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _default(paths: _Paths, name: str, field: _Schema, tiers: _Schema) -> str:
    own = _value(field.get("default", {}))
    by_tier = dict.fromkeys(get_args(Tier), own)
    for tier, path in product(by_tier, paths):
        try:
            by_tier[tier] = _value(value_at(tiers[tier], (*path, name)))
        except KeyError:
            continue
    if len(set(by_tier.values())) == 1:
        return by_tier["dev"]
    return ", ".join(f"{tier} {value}" for tier, value in by_tier.items())


def _value(value: Any) -> str:
    return "none" if value in (None, [], {}) else f"`{json.dumps(value)}`"


def _allowed(field: _Schema) -> str:
    """What a value may be, in words."""
    if "const" in field:
        return _value(field["const"])
    if "enum" in field:
        return ", ".join(map(_value, field["enum"]))
    if "anyOf" in field:
        return " or ".join(_allowed(each) for each in field["anyOf"] if each.get("type") != "null")
    if "patternProperties" in field:
        return "table of text"
    return _SAYERS[field["type"]](field)


def _allowed_number(field: _Schema) -> str:
    low = field.get("minimum", field.get("exclusiveMinimum", ""))
    high = field.get("maximum", "")
    bounds = f"{low} to {high}" if high != "" else f"{low} or more"
    return f"{bounds}{' (not 0)' if 'exclusiveMinimum' in field else ''}"


def _allowed_text(field: _Schema) -> str:
    pattern = field.get("pattern")
    return "text" if pattern is None else f"text like `{_in_cell(pattern)}`"


def _allowed_list(field: _Schema) -> str:
    items = field["items"]
    return "list of tables, see below" if "$ref" in items else f"list of {_allowed(items)}"


_SAYERS = {
    "boolean": lambda _field: "`true`, `false`",
    "integer": _allowed_number,
    "number": _allowed_number,
    "string": _allowed_text,
    "array": _allowed_list,
}
