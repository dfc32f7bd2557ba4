"""The templates that are looked at: every blueprint in every tier, and settings that turn the others around."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from lib.app import new_app
from lib.settings import Settings, load
from lib.settings.compute import Fleet, Function
from lib.settings.data import AuroraDatabase, Bucket, ReaderScaling, Secret, Table
from lib.settings.edge import Cdn, HttpApi
from lib.settings.network import LoadBalancer
from lib.settings.services import Cluster, Mount, Service
from lib.tap_stack import TapStack
from tests.synthesis import ALL, stack_template, synthesized
from tests.template import Template

_REGION = "sa-east-1"
_CERTIFICATE = f"arn:aws:acm:{_REGION}:111122223333:certificate/11111111-2222-3333-4444-555555555555"
_IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:1.4"
_LONGEST, _LONG_FLEET, _LONG_FUNCTION = "abcdefghijklmnop", "bcdefghijklmnopq", "cdefghijklmnopqr"
_SOURCE = "lib/functions/transactions"
_ARM = {
    "instance_type": "m7g.large",
    "image_parameter": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
}
_OUT: dict[str, Any] = {"cache": False, "database": False, "files": False, "firewall": False}
_EDGE_REGION = "us-east-1"


class Sample(NamedTuple):
    """A template and the settings that it was made from."""

    settings: Settings
    template: Template


def _with(suffix: str = "dev", blueprint: str = "catalog", region: str = _REGION, **overrides: Any) -> Settings:
    return load(suffix, aws_region=region, overrides=overrides, environ={"TAP_BLUEPRINT": blueprint})


def _domain(name: str) -> dict[str, str]:
    return {"domain_name": f"{name}-{{suffix}}.example.com", "hosted_zone": "example.com"}


def _everything() -> Settings:
    """Every unit, in the kind and with the parts that the blueprints leave out."""
    uses: dict[str, Any] = {"tables": ["orders"], "buckets": ["data", "assets"]}
    return _with(
        load_balancer=_domain("shop"),
        http_api={},
        cdn={**_domain("files"), "firewall": True},
        services={
            "api": {"calls": ["orders"], "mounts": [{"path": "/mnt/files"}]},
            "orders": {"paths": ["/orders/*"], "port": 80, **uses},
        },
        fleets={"web": {"hosts": ["web.example.com"], "connects_to": ["cache"], **uses}},
        functions={"sum": {"source": _SOURCE, "paths": ["/sum"], **uses}, "audit": {"source": _SOURCE}},
        tables={"orders": {"sort_key": "at", "sort_key_type": "N", "expiry_attribute": "ends"}},
        buckets={"data": {"transition_to_ia_days": 30, "expire_days": 60}},
        cache={"kind": "replication_group"},
        database={
            "kind": "aurora",
            "instance_class": "db.r7g.large",
            "readers": 1,
            "reader_scaling": {"max_readers": 3},
        },
    )


def _two_fleets() -> Settings:
    """One with the built-in application and one with a start of its own, at a port of the system's."""
    own = {"user_data": '#!/bin/bash\nsystemctl start "$SERVICE_NAME"\n', "port": 80, "paths": ["/own/*"]}
    fleets = {"own": {**_ARM, **own, "scaling": {"requests_per_target": False}}}
    return _with("dev-2", "fleet", fleets=fleets, tags={"Name": "what has no name of its own"})


def _services() -> Settings:
    """Three that differ in all that a connection or a permission hangs on."""
    return Settings(
        suffix="test",
        tier="dev",
        region="eu-west-1",
        services={
            "shop": Service(secrets={"SIGNING": "signing:key"}),
            "orders": Service(
                image=_IMAGE,
                paths=("/orders/*", "/basket"),
                port=9000,
                calls=("shop",),
                connects_to=("database",),
                mounts=(Mount(path="/mnt/orders", read_only=True),),
                execute_command=True,
            ),
            "admin": Service(hosts=("admin.example.com",), calls=("orders", "shop"), connects_to=()),
        },
        secrets={"signing": Secret(description="Key of signatures")},
    )


def _bare() -> Settings:
    """One service and nothing that can be left out."""
    cluster = Cluster(container_insights="disabled")
    return Settings(
        suffix="test",
        tier="dev",
        region="eu-west-1",
        cluster=cluster,
        cache=None,
        database=None,
        files=None,
        firewall=None,
    )


def _longest_names() -> Settings:
    """Every name of the user's as long as it may be."""
    return Settings(
        name=_LONGEST,
        suffix="prod-abcdefghij-1234",
        tier="prod",
        region="ap-southeast-2",
        load_balancer=LoadBalancer(accept_plain_http=True),
        http_api=HttpApi(),
        cdn=Cdn(firewall=True),
        services={_LONGEST: Service(secrets={"SIGNING": _LONGEST}, tables=(_LONGEST,), buckets=(_LONGEST,))},
        fleets={_LONG_FLEET: Fleet(paths=("/fleet/*",), tables=(_LONGEST,), buckets=(_LONGEST, "assets"))},
        functions={_LONG_FUNCTION: Function(source=_SOURCE, paths=("/function",), tables=(_LONGEST,))},
        database=AuroraDatabase(kind="aurora", readers=2, reader_scaling=ReaderScaling(max_readers=3)),
        tables={_LONGEST: Table()},
        buckets={_LONGEST: Bucket()},
        secrets={_LONGEST: Secret(description="Key of signatures")},
    )


OTHERS: dict[str, Callable[[], Settings]] = {
    "no-cache": lambda: _with(cache=False),
    "no-database": lambda: _with(database=False),
    "no-files": lambda: _with(files=False),
    "no-firewall": lambda: _with(firewall=False),
    "bare": _bare,
    "unused-stores": lambda: _with(services={"api": {"connects_to": []}}),
    "three-services": _services,
    "four-zones": lambda: _with(network={"zone_count": 4, "nat_gateways": "per_zone"}),
    "own-certificate": lambda: _with(load_balancer={"certificate_arn": _CERTIFICATE}),
    "redis-nodes": lambda: _with(
        "staging-2",
        "lms",
        cache={"engine": "redis", "engine_version": "7.1", "node_type": "cache.m7g.xlarge", "replicas": 2},
        files={"throughput_mode": "bursting"},
    ),
    "longest-names": _longest_names,
    "everything": _everything,
    "two-fleets": _two_fleets,
    "functions-alone": lambda: _with(services=False, functions={"sum": {"source": _SOURCE, "paths": ["/*"]}}, **_OUT),
    "public-api": lambda: _with(http_api={}),
    "internal": lambda: _with(http_api={}, load_balancer={"internal": True}),
    "single-cluster": lambda: _with(database={"kind": "aurora", "instance_class": "db.r7g.large", "readers": 0}),
    "edge-at-home": lambda: _with(blueprint="transactions", region=_EDGE_REGION, cdn={"firewall": True}),
    "open-edge": lambda: _with(
        cdn={"domain_name": "files.example.com", "certificate_arn": _CERTIFICATE.replace(_REGION, _EDGE_REGION)},
        firewall=False,
    ),
}
STATE_IN_A_BUCKET = "state-in-a-bucket"
NAMES = [*(f"{blueprint}-{tier}" for blueprint, tier in ALL), *OTHERS, STATE_IN_A_BUCKET]


@cache
def sample(name: str) -> Sample:
    """The sample of that name. Read only: it is shared between tests."""
    if name == STATE_IN_A_BUCKET:
        return _state_in_a_bucket()
    if name in OTHERS:
        settings = OTHERS[name]()
        return Sample(settings, stack_template(settings))
    blueprint, _, tier = name.partition("-")
    return Sample(load(tier, environ={"TAP_BLUEPRINT": blueprint}), synthesized(blueprint, tier))


def _state_in_a_bucket() -> Sample:
    settings = _with("pr-42")
    stack = TapStack(new_app(), "TapStackpr-42", environment_suffix="pr-42", settings=settings, state_bucket="states")
    return Sample(settings, Template.of(stack))
