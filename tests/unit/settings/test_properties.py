"""What holds for any input: one kind of error, layers that obey, variables that equal overrides."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.settings import Settings, SettingsError, load
from lib.settings.layers import Layer, merged, origin, value_at

_KEYS = st.sampled_from(
    sorted(
        {name for model in [Settings] for name in model.model_fields}
        | {"api", "kind", "capacity", "paths", "scaling", "min_tasks", "cidr", "mounts", "path", "nonsense", "", "0"}
    )
)
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70_000), st.floats(allow_nan=False), st.text(max_size=12)
)
_ANYTHING = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=12
)
_TABLES = st.dictionaries(_KEYS, _ANYTHING, max_size=5)


@settings(max_examples=200)
@given(_TABLES, st.sampled_from(["dev", "prod", "staging-1", "Bad_Suffix"]))
def test_any_input_gives_settings_or_the_one_error(table: dict[str, Any], suffix: str) -> None:
    outcome = _outcome(table, {}, suffix)
    if isinstance(outcome, Settings):
        assert list(outcome.problems()) == []
    else:
        assert outcome
        assert all(finding and "\n" not in finding for finding in outcome)


@given(_TABLES, _TABLES, _TABLES)
def test_it_does_not_matter_in_which_steps_layers_are_laid(a: Any, b: Any, c: Any) -> None:
    assert merged([a, b, c]) == merged([merged([a, b]), c]) == merged([a, merged([b, c])])


@given(_TABLES)
def test_laying_a_layer_over_itself_changes_nothing(table: dict[str, Any]) -> None:
    assert merged([table, table]) == merged([table]) == merged([{}, table, {}])


@given(_TABLES, _TABLES)
def test_the_upper_layer_has_the_last_word_and_the_blame(low: dict[str, Any], high: dict[str, Any]) -> None:
    layers = [Layer("low", low), Layer("high", high)]
    for key in low.keys() | high.keys():
        assert origin(layers, (key,)) == ("high" if key in high else "low")
        if key in high and not isinstance(high[key], dict):
            assert value_at(merged([low, high]), (key,)) == merged([high])[key]


@given(
    st.sampled_from(
        [("database", "storage_gb"), ("network", "zone_count"), ("files", "backups"), ("cache", "snapshot_time")]
    ),
    st.integers(0, 200) | st.booleans() | st.from_regex(r"[0-2]\d:[0-5]\d", fullmatch=True),
)
def test_a_variable_says_the_same_as_an_override(path: tuple[str, str], value: Any) -> None:
    variable = "TAP__" + "__".join(path).upper()
    by_variable = _outcome({}, {variable: json.dumps(value)})
    by_override = _outcome({path[0]: {path[1]: value}}, {})
    assert by_variable == by_override


def _outcome(overrides: dict[str, Any], environ: dict[str, str], suffix: str = "dev") -> Settings | list[str]:
    """The settings, or what is wrong without saying where it came from."""
    try:
        return load(suffix, overrides=overrides, environ=environ)
    except SettingsError as error:
        return [finding.partition(": ")[2] for finding in error.findings]
