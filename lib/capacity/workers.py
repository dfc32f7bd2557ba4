"""Tasks of services and instances of fleets: how many run for how many users, what they carry, how fast they come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lib.capacity.assumptions import Assumptions
from lib.capacity.bounds import Bound, Fit, Growth
from lib.capacity.limits import SCALE_OUT_DATAPOINTS, TASKS_STARTED_A_MINUTE
from lib.capacity.load import Load
from lib.capacity.sizes import vcpus
from lib.settings import Settings
from lib.settings.compute import Fleet
from lib.settings.services import Service

_MINUTE = 60
_ALL = 100
_DUST = 1e-9
"""What divisions leave, and no reason for another task."""


@dataclass(frozen=True)
class _Measure:
    """What scaling may follow. rate: requests a second of each worker that bring it to its target.

    step: by how much one decision multiplies the workers at the most. Target tracking adds in proportion to how far
    the measure is above its target, and processor and memory end at 100 %; requests do not.
    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    """

    name: str
    rate: float
    step: float


TASKS_DEPLOYING = 2
"""Times the tasks while a deployment runs: deployment_maximum_percent of lib/components/service.py."""
INSTANCES_DEPLOYING = 1.5
"""Times the instances while they are replaced: max_healthy_percentage of lib/components/fleet.py."""

_NOTHING = _Measure("nothing", math.inf, 1)
"""Where no target is set: as many workers as there always are."""


@dataclass(frozen=True)
class Workers:
    """The tasks of one service, or the instances of one fleet.

    share: requests that come to them for each one at the load balancer.
    held_rate: requests a second of each at which scaling holds them. full_rate: what each answers at the most.
    deploying: times as many while a deployment replaces them.
    measure: what scaling follows, the one that asks for most of them.
    pause_seconds: between two decisions. start_seconds: from a decision to requests that are answered.
    """

    unit: str
    noun: str
    setting: str
    vcpus: float
    least: int
    most: int
    deploying: float
    share: float
    held_rate: float
    full_rate: float
    measure: str
    step: float
    pause_seconds: float
    start_seconds: float

    @property
    def limit(self) -> int:
        """How many there can be: without scaling as many as there always are."""
        return self.most if self.step > 1 else self.least

    def wanted(self, rate: float) -> float:
        """How many it takes for so many requests a second at the load balancer; infinity where none would do."""
        own = rate * self.share
        if own == 0:
            return self.least
        return max(self.least, _ceiling(own / self.held_rate)) if self.held_rate else math.inf

    def running(self, rate: float) -> int:
        return int(min(self.wanted(rate), self.limit))

    def rate_carried(self, count: int, each: float) -> float:
        """Requests a second at the load balancer, when so many answer so many each."""
        return count * each / self.share if self.share else math.inf

    def rate_zone_lost(self, zones: int) -> float:
        """The highest rate whose workers, less those of one zone, still answer it: before others start."""
        for count in range(self.limit, self.least, -1):
            borne = min(count * self.held_rate, _left(count, zones) * self.full_rate)
            if borne > (count - 1) * self.held_rate:
                return self.rate_carried(1, borne)
        return self.rate_carried(1, min(self.least * self.held_rate, _left(self.least, zones) * self.full_rate))


def all_workers(settings: Settings, assumptions: Assumptions, load: Load) -> dict[str, Workers]:
    """Name of a service or fleet -> its tasks or instances."""
    return {
        **{name: _tasks(name, service, assumptions, load.share(name)) for name, service in settings.services.items()},
        **{name: _instances(name, fleet, assumptions, load.share(name)) for name, fleet in settings.fleets.items()},
    }


def bound(workers: Workers, zones: int, assumptions: Assumptions, load: Load) -> Bound:
    """Carried is what scaling holds within its targets. A sudden load may go above, as far as it is answered."""
    carried = workers.rate_carried(workers.limit, workers.held_rate)
    at_once = workers.rate_carried(workers.least, workers.full_rate)
    return Bound(
        unit=workers.unit,
        measure=workers.noun,
        there_is=workers.limit,
        needed=workers.wanted(load.rate(assumptions.concurrent_users)),
        users=load.users_at(carried),
        users_zone_lost=load.users_at(workers.rate_zone_lost(zones)),
        users_at_once=load.users_at(min(at_once, carried)),
        setting=f"{workers.setting}.max_{workers.noun}",
    )


def fit(workers: Workers, zones: int) -> Fit:
    """Whether those that are left when a zone fails answer what all of them did, whatever their number."""
    return Fit(
        what=f"{workers.unit}: requests a minute of each with which a zone may be lost",
        there_is=workers.full_rate * (zones - 1) / zones * _MINUTE,
        asked=workers.held_rate * _MINUTE,
        setting=f"{workers.setting}.requests_per_target",
    )


def growth(workers: Workers, assumptions: Assumptions, load: Load) -> Growth:
    """From as many as there always are to those that the users in question need, or to the most there can be."""
    end = workers.running(load.rate(assumptions.concurrent_users))
    steps = _steps(workers, end)
    return Growth(
        unit=workers.unit,
        measure=workers.noun,
        start=workers.least,
        end=end,
        seconds=_growth_seconds(workers, assumptions, steps, end - workers.least) if steps else 0,
        how=f"{steps} {'step' if steps == 1 else 'steps'}, by {workers.measure}" if steps else "always there",
    )


def _steps(workers: Workers, end: int) -> int:
    """Decisions that it takes, one after the other."""
    if end == workers.least:
        return 0
    return 1 if math.isinf(workers.step) else int(_ceiling(math.log(end / workers.least) / math.log(workers.step)))


def _growth_seconds(workers: Workers, assumptions: Assumptions, steps: int, added: int) -> float:
    decided = assumptions.metric_delay_seconds + SCALE_OUT_DATAPOINTS.value * _MINUTE
    # Metrics come once a minute: no second decision sooner, however short the pause.
    decided += (steps - 1) * max(workers.pause_seconds, _MINUTE)
    started = added // TASKS_STARTED_A_MINUTE.value * _MINUTE if workers.noun == "tasks" else 0
    return decided + started + workers.start_seconds


def _tasks(name: str, service: Service, assumptions: Assumptions, share: float) -> Workers:
    scaling, check = service.scaling, service.health_check
    vcpu, full = service.cpu / 1024, assumptions.full_percent

    def by_memory(percent: float) -> float:
        free = service.memory_mib * percent / _ALL - assumptions.memory_mib_at_rest
        return free / assumptions.memory_mib_per_request / (assumptions.request_milliseconds / 1000)

    measures = [
        *_requests_measure(scaling.requests_per_target),
        *_processor_measure(vcpu, scaling.cpu_percent, assumptions),
    ]
    if scaling.memory_percent is not None:
        measures.append(_Measure("memory", by_memory(scaling.memory_percent), _ALL / scaling.memory_percent))
    # Above its target without any request: scaling goes to the most, and stays there.
    always_most = any(measure.rate <= 0 for measure in measures)
    full_rate = max(0, min(_processor_rate(vcpu, full, assumptions), by_memory(full)))
    decides = _deciding([measure for measure in measures if measure.rate > 0], full_rate)
    return Workers(
        unit=f"service {name}",
        noun="tasks",
        setting=f"services.{name}.scaling",
        vcpus=vcpu,
        least=scaling.max_tasks if always_most else scaling.min_tasks,
        most=scaling.max_tasks,
        deploying=TASKS_DEPLOYING,
        share=share,
        held_rate=decides.rate,
        full_rate=full_rate,
        measure=decides.name,
        step=decides.step,
        pause_seconds=scaling.scale_out_cooldown_seconds,
        start_seconds=assumptions.task_start_seconds + check.interval_seconds * check.healthy_count,
    )


def _instances(name: str, fleet: Fleet, assumptions: Assumptions, share: float) -> Workers:
    scaling, check = fleet.scaling, fleet.health_check
    vcpu = vcpus(fleet.instance_type, f"fleets.{name}.instance_type")
    full_rate = _processor_rate(vcpu, assumptions.full_percent, assumptions)
    decides = _deciding(
        [
            *_requests_measure(scaling.requests_per_target),
            *_processor_measure(vcpu, scaling.cpu_percent, assumptions),
        ],
        full_rate,
    )
    return Workers(
        unit=f"fleet {name}",
        noun="instances",
        setting=f"fleets.{name}.scaling",
        vcpus=vcpu,
        least=scaling.min_instances,
        most=scaling.max_instances,
        deploying=INSTANCES_DEPLOYING,
        share=share,
        held_rate=decides.rate,
        full_rate=full_rate,
        measure=decides.name,
        step=decides.step,
        pause_seconds=scaling.warmup_seconds,
        start_seconds=scaling.warmup_seconds + check.interval_seconds * check.healthy_count,
    )


def _deciding(measures: Sequence[_Measure], full_rate: float) -> _Measure:
    """The measure that asks for most workers. Its rate is not above what they can answer."""
    followed = min(measures, key=lambda measure: (measure.rate, -measure.step), default=_NOTHING)
    return _Measure(followed.name, min(followed.rate, full_rate), followed.step)


def _requests_measure(requests_a_minute: int | None) -> list[_Measure]:
    if requests_a_minute is None:
        return []
    return [_Measure("requests", requests_a_minute / _MINUTE, math.inf)]


def _processor_measure(vcpu: float, percent: int | None, assumptions: Assumptions) -> list[_Measure]:
    if percent is None:
        return []
    return [_Measure("processor", _processor_rate(vcpu, percent, assumptions), _ALL / percent)]


def _processor_rate(vcpu: float, percent: float, assumptions: Assumptions) -> float:
    """Requests a second that take so much of the processor."""
    return vcpu * percent / _ALL * 1000 / assumptions.cpu_milliseconds_per_request


def _left(count: int, zones: int) -> int:
    """Of workers that are spread evenly, when the zone with most of them fails."""
    return count - math.ceil(count / zones)


def _ceiling(value: float) -> float:
    return math.ceil(value - _DUST)
