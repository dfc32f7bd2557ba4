"""A backend without AWS: objects live in Terraform's state alone, and their computed values are made up.

It serves `terraform plan` and `apply` of a configuration against the schema and nothing else. Made-up values are of the
right type and read like AWS's where an expression may take them apart (ARNs, host names, JSON); they say nothing else.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from localaws.provider.backend import Category, Outcome
from localaws.provider.block import Attribute, Block, CollectionType, ObjectType, Primitive, Type
from localaws.provider.filling import fill_computed, fill_unknown
from localaws.provider.values import Object, Value

ACCOUNT = "000000000000"

_TEXTS = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        ("id", "{kind}-{hex}"),
        ("name|bucket|identifier", "{name}"),
        ("region", "{region}"),
        ("(.*_)?arn", "arn:aws:{service}:{region}:{account}:{kind}/{name}"),
        ("(.*_)?(account|owner|registry)_id", "{account}"),
        ("(.*_)?(url|uri|api_endpoint)", "https://{hex}.{service}.{region}.amazonaws.com"),
        (
            "(.*_)?(address|dns_name|domain|domain_name|endpoint|fqdn|hostname)",
            "{hex}.{service}.{region}.amazonaws.com",
        ),
        ("(.*_)?ip(_address)?", "10.0.0.1"),
        ("(.*_)?cidr(_block)?", "10.0.0.0/16"),
        ("(.*_)?(json|policy)", "{{}}"),
        ("created|(.*_)?(at|date|time|timestamp)", "2025-01-01T00:00:00Z"),
        ("(.*_)?(revision|version)", "1"),
        ("description|(.*_)?prefix", ""),
        (".*", "{attribute}-{hex}"),
    )
)
"""What a text attribute says, by its name; the first that matches."""

_PRIMITIVES: dict[Primitive, Value] = {"number": 1, "bool": False, "dynamic": None}

_NAMES = ("name", "bucket", "family", "identifier", "cluster_identifier", "function_name", "alarm_name", "domain_name")
"""The arguments that name an object."""


class PureBackend:
    """A `localaws.provider.backend.Backend` that knows every kind."""

    def __init__(self, region: str, block: Callable[[Category, str], Block]) -> None:
        self._region, self._block = region, block

    def knows(self, category: Category, kind: str) -> bool:
        del category, kind
        return True

    def renewed(self, kind: str, changed: Collection[str]) -> Collection[str]:
        del kind, changed
        return ()

    def create(self, kind: str, config: Object, planned: Object) -> Outcome:
        del config
        return self._filled(kind, planned)

    def read(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        if notes is not None:
            return Outcome(state, notes)
        make = _MadeUp(kind, state, self._region, seed=uuid.uuid4().hex).value
        return Outcome(fill_computed(self._block("resource", kind), state, make))

    def update(
        self, kind: str, prior: Object, config: Object, planned: Object, notes: Mapping[str, Any] | None
    ) -> Outcome:
        del prior, config, notes
        return self._filled(kind, planned)

    def delete(self, kind: str, state: Object, notes: Mapping[str, Any] | None) -> Outcome | None:
        del kind, state, notes
        return None

    def data(self, kind: str, config: Object) -> Outcome:
        known = _told(kind, self._region)
        return self._answered("data", kind, {**config, **{k: v for k, v in known.items() if config.get(k) is None}})

    def open_ephemeral(self, kind: str, config: Object) -> Outcome:
        return self._answered("ephemeral", kind, config)

    def stop(self) -> None:
        """Nothing waits here."""

    def _filled(self, kind: str, planned: Object) -> Outcome:
        # Of chance, for objects of equal configuration must not get equal ids, in this apply or a later one.
        make = _MadeUp(kind, planned, self._region, seed=uuid.uuid4().hex).value
        return Outcome(fill_unknown(self._block("resource", kind), planned, make))

    def _answered(self, category: Category, kind: str, config: Object) -> Outcome:
        # The same question has the same answer, or every plan would show a change.
        seed = json.dumps([kind, config], sort_keys=True, default=repr)
        make = _MadeUp(kind, config, self._region, seed).value
        return Outcome(fill_computed(self._block(category, kind), config, make))


def _told(kind: str, region: str) -> Object:
    """What configurations take apart, of data sources that every one of them has."""
    match kind:
        case "aws_availability_zones":
            return {"id": region, "names": [f"{region}{letter}" for letter in "abc"]}
        case "aws_partition":
            return {
                "id": "aws",
                "partition": "aws",
                "dns_suffix": "amazonaws.com",
                "reverse_dns_prefix": "com.amazonaws",
            }
        case "aws_region":
            return {"id": region, "name": region}
    return {}


class _MadeUp:
    """Values for one object."""

    def __init__(self, kind: str, known: Object, region: str, seed: str) -> None:
        self._kind = kind
        own = known.get("region")
        hex_ = hashlib.sha256(seed.encode()).hexdigest()[:12]
        name = next((known[key] for key in _NAMES if isinstance(known.get(key), str)), f"{kind}-{hex_}")
        self._words = {
            "account": ACCOUNT,
            "hex": hex_,
            "kind": kind,
            "name": name,
            "region": own if isinstance(own, str) else region,
            "service": kind.split("_")[1],
        }

    def value(self, name: str, attribute: Attribute, type_: Type) -> Value:
        match type_:
            case "string":
                return self._text(name)
            case ObjectType(attributes):
                return {key: self.value(key, attribute, inner) for key, inner in attributes.items()}
            case CollectionType("map", _):
                return {}
            case CollectionType(_, element):
                # Of what may be set and is not, there is nothing; of what is told, something, for [0] to find.
                return [] if attribute.settable else [self.value(name, attribute, element)]
        return _PRIMITIVES[type_]

    def _text(self, name: str) -> str:
        template = next(template for pattern, template in _TEXTS if pattern.fullmatch(name))
        return template.format(**self._words, attribute=name)
