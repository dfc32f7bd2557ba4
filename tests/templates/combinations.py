"""Settings drawn at random: everything that a blueprint may switch, in combinations that nobody thought of.

Most draws are settings that are taken. One in `_ONE_IN` does not care whether its parts fit together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lib.settings import Settings, load

Table = dict[str, Any]
Draw = st.DrawFn

_BLUEPRINT = Path(__file__).with_suffix(".toml")
_ONE_IN = 4
_EDGE_REGION = "us-east-1"
_SOURCE = "lib/functions/transactions"
_IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:1.4"
_SERVICES = ("api", "orders", "admin")
_FLEETS = ("web", "abcdefghijklmnop")
_FUNCTIONS = ("sum", "audit")
_OTHERS = ("items", "ponmlkjihgfedcba")
"""Names of buckets, tables and secrets."""
_PATHS = ("/{}", "/{}/*", "/*.{}")
_HOSTS = ("{}.example.com", "{}.*.example.com")
"""Of a unit's own, by its name: of two units with the same ones, one would never be asked."""


@dataclass(frozen=True)
class Combination:
    """What is drawn: who builds, where, and what."""

    suffix: str
    region: str
    table: Table

    def settings(self) -> Settings:
        """Raises SettingsError where the parts do not fit together."""
        environ = {"TAP_BLUEPRINT": str(_BLUEPRINT)}
        return load(self.suffix, aws_region=self.region, overrides=self.table, environ=environ)


@st.composite
def combinations(draw: Draw) -> Combination:
    is_careless = draw(st.sampled_from(range(_ONE_IN))) == _ONE_IN // 2
    suffix = draw(st.sampled_from(["dev", "staging", "prod", "pr-42", "prod-abcdefghij-1234"]))
    region = draw(st.sampled_from(["sa-east-1", _EDGE_REGION, "us-west-2"]))
    entry = draw(_entries(region, suffix.startswith("prod"), is_careless))
    stores = draw(_stores())
    users = draw(_users(stores, "cdn" in entry, is_careless))
    routed = _routed(users, is_internal=entry["load_balancer"]["internal"], is_careless=is_careless)
    network = draw(
        st.fixed_dictionaries({"zone_count": _one_of(2, 3, 4), "nat_gateways": _one_of("single", "per_zone")})
    )
    others = {"network": network, "cluster": draw(_CLUSTER), "notifications": draw(_NOTIFICATIONS), "tags": draw(_TAGS)}
    return Combination(suffix, region, {**others, **entry, **stores, **routed})


_NOTIFICATIONS: st.SearchStrategy[Table] = st.sampled_from([{}, {"emails": ["a@example.com", "b@example.com"]}])
_TAGS: st.SearchStrategy[Table] = st.sampled_from([{}, {"Cost Center": "a/b=c+d", "Environment": "mine"}])
_CLUSTER: st.SearchStrategy[Table] = st.fixed_dictionaries(
    {},
    optional={
        "container_insights": st.sampled_from(["enhanced", "disabled"]),
        "capacity": st.just([{"name": "FARGATE", "base": 1}, {"name": "FARGATE_SPOT", "weight": 3}]),
    },
)


def _one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def _perhaps(draw: Draw, *kinds: st.SearchStrategy[Table]) -> Table | bool:
    """One of the kinds of a unit, or none: each as often as another."""
    number = draw(st.sampled_from(range(len(kinds) + 1)))
    return draw(kinds[number - 1]) if number else False


@st.composite
def _entries(draw: Draw, region: str, is_production: bool, is_careless: bool) -> Table:
    """Load balancer, HTTP API, firewalls and CDN."""
    has_api = draw(st.booleans())
    ways = ["none", "certificate", "domain"] if not has_api or is_careless else ["none", "named", "domain"]
    balancer = _tls(draw(st.sampled_from(ways)), region, "shop-{suffix}")
    balancer["internal"] = draw(st.booleans()) and (has_api or is_careless)
    balancer["accept_plain_http"] = is_production and not is_careless
    entry: Table = {
        "load_balancer": balancer,
        "http_api": has_api and {"requests_per_second": 100, "burst": 200},
        "firewall": draw(_perhaps(st.just({"count_only_rules": ["SizeRestrictions_BODY", "SQLi_BODY"]}))),
    }
    if draw(st.booleans()):
        way = draw(_one_of("none", "named", "domain"))
        entry["cdn"] = {"firewall": draw(st.booleans()), **_tls(way, _EDGE_REGION, "files-{suffix}")}
    return entry


def _tls(way: str, region: str, name: str) -> Table:
    domain = {"domain_name": f"{name}.example.com"}
    certificate = {"certificate_arn": f"arn:aws:acm:{region}:111122223333:certificate/1"}
    return {
        "none": {},
        "certificate": certificate,
        "named": certificate | domain,
        "domain": domain | {"hosted_zone": "example.com"},
    }[way]


@st.composite
def _stores(draw: Draw) -> Table:
    return {
        "cache": draw(_perhaps(_SERVERLESS_CACHES, _node_caches())),
        "database": draw(_perhaps(_INSTANCES, _clusters())),
        "files": draw(_perhaps(st.fixed_dictionaries({"throughput_mode": _one_of("elastic", "bursting")}))),
        "tables": draw(_some(_OTHERS, lambda _: _tables())),
        "buckets": draw(_some(_OTHERS, lambda _: _BUCKETS)),
        "secrets": {name: {"description": "What nobody may know"} for name in draw(_subset(_OTHERS))},
    }


_SERVERLESS_CACHES: st.SearchStrategy[Table] = st.one_of(
    st.just({}), st.just({"kind": "serverless", "engine": "redis", "major_version": "7", "max_ecpu_per_second": 1000})
)
_INSTANCES: st.SearchStrategy[Table] = st.one_of(
    st.just({}), st.just({"multi_az": True, "insights": "advanced", "instance_class": "db.r7g.large"})
)
_MOUNTS: st.SearchStrategy[list[Table]] = st.sampled_from(
    [[], [{"path": "/mnt/files"}], [{"path": "/mnt/files", "read_only": True}]]
)
_BUCKETS = st.fixed_dictionaries(
    {"versioned": st.booleans()}, optional={"expire_days": st.just(90), "transition_to_ia_days": _one_of(30, 60)}
)


@st.composite
def _node_caches(draw: Draw) -> Table:
    engine, version = draw(_one_of(("valkey", "8.0"), ("redis", "7.1")))
    replicas = draw(_one_of(1, 3))
    return {"kind": "replication_group", "engine": engine, "engine_version": version, "replicas": replicas}


@st.composite
def _clusters(draw: Draw) -> Table:
    readers = draw(_one_of(0, 1, 3))
    table: Table = {"kind": "aurora", "readers": readers, "monitoring_interval_seconds": draw(_one_of(0, 60))}
    if draw(st.booleans()):
        table["instance_class"] = "db.r7g.large"
    if readers and draw(st.booleans()):
        table["reader_scaling"] = {"max_readers": readers + 2}
    return table


@st.composite
def _tables(draw: Draw) -> Table:
    table: Table = {"partition_key": "id", "partition_key_type": draw(_one_of("S", "N", "B"))}
    if draw(st.booleans()):
        table |= {"sort_key": "at", "sort_key_type": draw(_one_of("S", "N", "B"))}
    if draw(st.booleans()):
        table["expiry_attribute"] = "ends"
    return table


def _subset(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True) if names else st.just([])


@st.composite
def _some(draw: Draw, names: Sequence[str], values: Callable[[str], st.SearchStrategy[Table]]) -> Table:
    return {name: draw(values(name)) for name in draw(_subset(names))}


@st.composite
def _users(draw: Draw, stores: Table, has_cdn: bool, is_careless: bool) -> Table:
    """Services, fleets and functions, and which of the stores they use."""
    buckets = [*stores["buckets"], *(["assets"] if has_cdn else [])]
    names = {
        "connects_to": [name for name in ("cache", "database") if stores[name] is not False or is_careless],
        "buckets": list(_OTHERS) if is_careless else buckets,
        "tables": list(_OTHERS) if is_careless else list(stores["tables"]),
        "secrets": list(_OTHERS) if is_careless else list(stores["secrets"]),
    }
    may_mount = stores["files"] is not False or is_careless
    services = draw(_some(_SERVICES, lambda name: _services(name, names, may_mount)))
    called: list[str] = []
    for name, service in services.items():
        # Those before it only: nobody calls in a circle.
        service["calls"] = draw(_subset([*called, name] if is_careless else called))
        called.append(name)
    return {
        "services": services or False,
        "fleets": draw(_some(_FLEETS, lambda name: _fleets(name, names))),
        "functions": draw(_some(_FUNCTIONS, lambda name: _functions(name, names))),
    }


@st.composite
def _rules(draw: Draw, name: str) -> Table:
    return {
        key: [pattern.format(name) for pattern in draw(_subset(patterns))]
        for key, patterns in (("paths", _PATHS), ("hosts", _HOSTS))
    }


@st.composite
def _uses(draw: Draw, names: Table, *kinds: str) -> Table:
    return {kind: draw(_subset(names[kind])) for kind in kinds if names[kind] and draw(st.booleans())}


@st.composite
def _services(draw: Draw, name: str, names: Table, may_mount: bool) -> Table:
    own = {"image": _IMAGE, "command": ["serve", "$HOME"], "user": "1000", "execute_command": draw(st.booleans())}
    return {
        "port": draw(_one_of(8080, 80, 443)),
        **draw(_rules(name)),
        **draw(_uses(names, "connects_to", "buckets", "tables")),
        **(own if draw(st.booleans()) else {}),
        "secrets": {f"SECRET_{each.upper()}": each for each in draw(_subset(names["secrets"]))},
        "mounts": draw(_MOUNTS) if may_mount else [],
        "environment": draw(_one_of({}, {"GREETING": 'say "${hello}"'})),
        "scaling": draw(_one_of({}, {"cpu_percent": False, "memory_percent": False, "requests_per_target": False})),
    }


@st.composite
def _fleets(draw: Draw, name: str, names: Table) -> Table:
    arm = {
        "instance_type": "m7g.large",
        "image_parameter": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    }
    return {
        "port": draw(_one_of(8080, 80)),
        **draw(_rules(name)),
        **draw(_uses(names, "connects_to", "buckets", "tables")),
        **draw(_one_of({}, arm)),
        **draw(_one_of({}, {"user_data": '#!/bin/bash\necho "${PORT}" $(date) \\\n'})),
        "environment": draw(_one_of({}, {"GREETING": 'say "${hello}"'})),
        "scaling": draw(_one_of({}, {"min_instances": 1, "max_instances": 1, "requests_per_target": False})),
    }


@st.composite
def _functions(draw: Draw, name: str, names: Table) -> Table:
    return {
        "source": _SOURCE,
        **draw(_rules(name)),
        **draw(_uses(names, "buckets", "tables")),
        **draw(_one_of({}, {"reserved_concurrency": 5, "runtime": "python3.11", "architecture": "x86_64"})),
        "environment": draw(_one_of({}, {"GREETING": 'say "${hello}"'})),
    }


def _routed(users: Table, *, is_internal: bool, is_careless: bool) -> Table:
    """The same units with rules that fit together: one default at the most, nothing without a way to it."""
    if is_careless:
        return users
    services, fleets, functions = users["services"] or {}, users["fleets"], users["functions"]
    if is_internal:
        for unit in (*services.values(), *fleets.values(), *functions.values()):
            unit["hosts"] = []
    without_a_rule = [item for item in (*services.items(), *fleets.items()) if not _has_rule(item[1])]
    for name, unit in without_a_rule[1:]:
        unit["paths"] = [f"/{name}/*"]
    if not services and not fleets and not any(map(_has_rule, functions.values())):
        functions["sum"] = {"source": _SOURCE, "paths": ["/*"]}
    return users


def _has_rule(unit: Table) -> bool:
    return bool(unit["paths"] or unit["hosts"])
