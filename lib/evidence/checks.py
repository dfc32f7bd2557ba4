"""Every check that a template must pass, each by itself a function from a template to what is wrong with it.

from lib.evidence import checks
checks.findings(template)                # over any template of a TapStack
checks.findings(template, settings)      # and against what these settings ask for
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from lib.evidence.structure import (
    alarms,
    connections,
    deployments,
    integrity,
    known_names,
    limits,
    names,
    permissions,
    programs,
    protection,
    regions,
    routing,
    starting,
    subnets,
    tags,
)
from lib.evidence.template import Template
from lib.settings import Settings

Check = Callable[[Template], list[str]]
CheckOfSettings = Callable[[Template, Settings], list[str]]

CHECKS: tuple[Check, ...] = (
    integrity.nothing_is_empty,
    integrity.no_token_is_leaked,
    integrity.references_resolve,
    integrity.nothing_waits_for_itself,
    integrity.template_says_whose_it_is,
    connections.connections_are_narrow,
    subnets.everything_stands_where_it_should,
    regions.everything_is_where_it_is_looked_for,
    routing.requests_find_their_way,
    starting.nothing_starts_too_early,
    deployments.deployments_take_effect,
    alarms.alarms_can_go_off,
    alarms.dashboard_shows_the_alarms,
    names.names_are_taken,
    names.everything_goes_by_a_name,
    tags.tags_reach_everything,
    limits.nothing_is_too_large,
    programs.programs_may_do_what_they_are_told,
    permissions.policies_are_documents,
    permissions.policies_are_narrow,
    permissions.services_act_for_this_account,
    permissions.keys_serve_what_they_encrypt,
    permissions.stores_refuse_plain_text,
    permissions.policies_stand_where_they_are_looked_for,
    protection.everything_is_encrypted,
    protection.nothing_is_exposed,
    protection.no_secret_is_written_down,
)

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
)
"""What a check lets pass, with the reason for each: to be read whenever something is added."""


def findings(template: Template, settings: Settings | None = None) -> list[str]:
    """All that is wrong with a template."""
    found = [finding for check in CHECKS for finding in check(template)]
    if settings is not None:
        found += [finding for check in CHECKS_OF_SETTINGS for finding in check(template, settings)]
    return found
