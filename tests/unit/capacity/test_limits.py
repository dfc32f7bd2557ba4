"""The numbers of AWS: each with its page, quotas with their code."""

from __future__ import annotations

import re

import pytest

from lib.capacity import limits
from lib.capacity.limits import Limit, Quota, all_limits


@pytest.mark.parametrize("limit", all_limits(), ids=lambda limit: limit.meaning)
def test_each_has_a_page_of_aws(limit: Limit) -> None:
    assert re.fullmatch(r"https://(docs\.)?aws\.amazon\.com/\S+", limit.page)
    assert limit.value > 0


def test_quotas_have_codes_of_their_own() -> None:
    codes = [limit.code for limit in all_limits() if isinstance(limit, Quota)]
    assert len(codes) == len(set(codes)) == 19
    assert all(re.fullmatch(r"L-[0-9A-F]{8}", code) for code in codes)


@pytest.mark.parametrize(
    ("quota", "code", "value"),
    [
        (limits.FARGATE_VCPUS, "L-3032A538", 6),
        (limits.INSTANCE_VCPUS, "L-1216C47A", 5),
        (limits.VPCS, "L-F678F1CE", 5),
        (limits.ADDRESSES, "L-0263D0A3", 5),
        (limits.NAT_GATEWAYS, "L-FE5A380F", 5),
        (limits.LOAD_BALANCERS, "L-53DA6B97", 50),
        (limits.INVOCATIONS, "L-B99A9384", 1000),
    ],
)
def test_the_quotas_that_stop_first_deployments_are_those_of_aws(quota: Quota, code: str, value: float) -> None:
    assert (quota.code, quota.value) == (code, value)
