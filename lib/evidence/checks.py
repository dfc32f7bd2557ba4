"""Every check that a template must pass, each by itself a function from a template to what is wrong with it.

from lib.evidence import checks
checks.findings(template)                # over any template of a TapStack
checks.findings(template, settings)      # and against what these settings ask for
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from lib.evidence.policies import escalation, least_privilege, managed, trust
from lib.evidence.reading import is_of_tapstack
from lib.evidence.structure import (
    address_space,
    alarms,
    architectures,
    capacity_bounds,
    connections,
    containers,
    database_storage,
    deployments,
    integrity,
    known_names,
    limits,
    names,
    permissions,
    priorities,
    programs,
    protection,
    regions,
    retention,
    rotation,
    routing,
    schedules,
    starting,
    subnets,
    tags,
    task_sizes,
    time_windows,
    timeouts,
)
from lib.evidence.template import Template
from lib.evidence.values import judgement
from lib.settings import Settings

Check = Callable[[Template], list[str]]
CheckOfSettings = Callable[[Template, Settings], list[str]]

CHECKS: tuple[Check, ...] = (
    judgement.values_are_taken,
    integrity.no_token_is_leaked,
    integrity.references_resolve,
    integrity.nothing_waits_for_itself,
    regions.everything_is_where_it_is_looked_for,
    starting.nothing_starts_too_early,
    names.names_are_taken,
    tags.tags_are_taken,
    limits.nothing_is_too_large,
    address_space.addresses_are_networks,
    address_space.networks_fit_together,
    task_sizes.tasks_have_a_size,
    containers.containers_fit_together,
    capacity_bounds.capacity_is_within_bounds,
    architectures.images_run_on_their_instances,
    timeouts.timeouts_fit_together,
    time_windows.windows_are_apart,
    schedules.schedules_are_read,
    priorities.priorities_are_clear,
    database_storage.databases_have_their_storage,
    retention.nothing_outlives_itself,
    permissions.policies_are_documents,
    permissions.policies_are_narrow,
    permissions.keys_serve_what_they_encrypt,
    permissions.policies_stand_where_they_are_looked_for,
    least_privilege.grants_are_as_narrow_as_aws_lets_them,
    least_privilege.grants_apply_to_what_they_name,
    escalation.no_role_can_raise_itself,
    escalation.nobody_else_is_let_in,
    trust.roles_let_in_who_uses_them,
    protection.no_secret_is_written_down,
)
"""What holds for any template of AWS: what it asks for can be made, works, and lets nobody in by oversight."""

CONVENTIONS: tuple[Check, ...] = (
    integrity.nothing_is_empty,
    integrity.template_says_whose_it_is,
    connections.connections_are_narrow,
    subnets.everything_stands_where_it_should,
    regions.firewalls_protect_something,
    routing.requests_find_their_way,
    deployments.deployments_take_effect,
    alarms.alarms_can_go_off,
    alarms.dashboard_shows_the_alarms,
    names.names_carry_the_suffix,
    names.everything_goes_by_a_name,
    tags.tags_reach_everything,
    programs.programs_may_do_what_they_are_told,
    rotation.rotations_reach_who_needs_them,
    permissions.statements_say_what_they_mean,
    permissions.services_act_for_this_account,
    permissions.stores_refuse_plain_text,
    protection.everything_is_encrypted,
    protection.nothing_is_exposed,
)
"""What our stacks promise beyond that. Asked of a template with the output `environment_suffix` only: others may do the
same in another way."""

CHECKS_OF_SETTINGS: tuple[CheckOfSettings, ...] = (
    connections.connections_are_declared,
    alarms.alarms_are_all_there,
)

REVIEWED: tuple[tuple[Check, MutableMapping[str, Any]], ...] = (
    (integrity.nothing_is_empty, integrity.EMPTY_ON_PURPOSE),
    (names.everything_goes_by_a_name, known_names.TAGGED_WITHOUT_A_NAME),
    (regions.everything_is_where_it_is_looked_for, regions.FROM_ELSEWHERE),
    (permissions.policies_are_narrow, permissions.WIDE_ACTIONS),
    (permissions.policies_are_narrow, permissions.ANY_RESOURCE),
    (permissions.policies_are_narrow, permissions.ANY_RESOURCE_KINDS),
    (permissions.policies_are_narrow, permissions.ANYBODY),
    (permissions.services_act_for_this_account, permissions.UNBOUND_SERVICES),
    (least_privilege.grants_are_as_narrow_as_aws_lets_them, permissions.WIDE_ACTIONS),
    (least_privilege.grants_are_as_narrow_as_aws_lets_them, permissions.ANY_RESOURCE_KINDS),
    (escalation.no_role_can_raise_itself, managed.POLICIES),
)
"""What a check lets pass, with the reason for each: to be read whenever something is added."""


def asked_of(template: Template) -> tuple[Check, ...]:
    """The checks that a template has to pass."""
    return (*CHECKS, *CONVENTIONS) if is_of_tapstack(template) else CHECKS


def findings(template: Template, settings: Settings | None = None) -> list[str]:
    """All that is wrong with a template."""
    found = [finding for check in asked_of(template) for finding in check(template)]
    if settings is not None:
        found += [finding for check in CHECKS_OF_SETTINGS for finding in check(template, settings)]
    return found
