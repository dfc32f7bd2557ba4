"""Where a pipeline deploys: the environment, its account, and what its names, tags and state look like there."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.naming import Kind, Names
from lib.settings import Settings
from lib.settings.edge import EDGE_REGION

_SHORTENED = {"short_name": Kind.LOAD_BALANCER, "cache_name": Kind.CACHE}
"""Placeholder -> the kind with the shortest limit among those it stands for."""


@dataclass(frozen=True)
class Place:
    """One environment of one project, in an account."""

    project: str
    suffix: str
    partition: str
    account: str
    region: str
    """`*` where some of it is in another region: what CloudFront needs in us-east-1."""
    state_bucket: str
    zones: tuple[str, ...] = ()
    """Public hosted zones in which its addresses are."""
    tags: dict[str, str] = field(default_factory=dict)
    """Tag -> value, of all that it consists of, and of nothing else."""

    @property
    def name(self) -> str:
        return f"{self.project}-{self.suffix}"

    @property
    def deploy_role(self) -> str:
        return self._own("deploy")

    @property
    def plan_role(self) -> str:
        return self._own("plan")

    @property
    def boundary(self) -> str:
        """The policy that bounds every role of the stack."""
        return self._own("boundary")

    def policy(self, group: str) -> str:
        """The name of one of the roles' policies."""
        return self._own(group)

    def arn(self, service: str, rest: str, *, region: str = "", account: str | None = None) -> str:
        return f"arn:{self.partition}:{service}:{region}:{self.account if account is None else account}:{rest}"

    def patterns(self) -> dict[str, str]:
        """What stands for the environment in a pattern of ARNs: `{name}` is `catalog-prod-*`."""
        names = Names(self.project, self.suffix)
        shortened = {word: beginning(names, kind) for word, kind in _SHORTENED.items()}
        return shortened | {
            "name": f"{self.name}-*",
            "path": f"{self.project}/{self.suffix}/*",
            "account": self.account,
            "partition": self.partition,
            "region": self.region,
            "state": self.state_bucket,
            "boundary": self.arn("iam", f"policy/{self.boundary}"),
        }

    def _own(self, part: str) -> str:
        """`ci_deploy_catalog-prod`. No name of a stack has `_`, so no pattern of its names takes in one of these."""
        return f"ci_{part}_{self.name}"


def beginning(names: Names, kind: Kind) -> str:
    """A pattern of all names of one kind. AWS takes short ones only: a long one keeps a piece of the project alone."""
    # As in Names: a digest of 8, and two separators. A part takes half of the rest at most, and one separator.
    room = kind.limit - len(names.suffix) - 10
    piece = names.project[: room - (room - 1) // 2 - 1]
    return f"{names.project}-{names.suffix}-*" if piece == names.project else f"{piece}*-{names.suffix}-*"


def place_of(settings: Settings, *, partition: str, account: str, state_bucket: str) -> Place:
    cdn, balancer = settings.cdn, settings.load_balancer
    named = (balancer.hosted_zone, cdn.hosted_zone if cdn else None)
    zones = {zone for zone in map(settings.domain, named) if zone}
    return Place(
        project=settings.name,
        suffix=settings.suffix,
        partition=partition,
        account=account,
        region="*" if cdn and settings.region != EDGE_REGION else settings.region,
        state_bucket=state_bucket,
        zones=tuple(sorted(zones)),
        # A setting may give the platform's own tags another value.
        tags={
            "Project": settings.tags.get("Project", settings.name),
            "EnvironmentSuffix": settings.tags.get("EnvironmentSuffix", settings.suffix),
        },
    )
