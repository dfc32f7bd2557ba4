"""The templates that are looked at: every blueprint in every tier, and settings that turn the others around."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from lib.app import new_app
from lib.settings import Settings, load
from lib.settings.data import Secret
from lib.settings.network import LoadBalancer
from lib.settings.services import Cluster, Mount, Service
from lib.tap_stack import TapStack
from tests.synthesis import ALL, stack_template, synthesized
from tests.template import Template

_REGION = "sa-east-1"
_CERTIFICATE = f"arn:aws:acm:{_REGION}:111122223333:certificate/11111111-2222-3333-4444-555555555555"
_IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:1.4"
_LONGEST = "abcdefghijklmnop"


class Sample(NamedTuple):
    """A template and the settings that it was made from."""

    settings: Settings
    template: Template


def _with(suffix: str = "dev", blueprint: str = "catalog", **overrides: Any) -> Settings:
    return load(suffix, aws_region=_REGION, overrides=overrides, environ={"TAP_BLUEPRINT": blueprint})


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
        services={_LONGEST: Service(secrets={"SIGNING": _LONGEST})},
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
