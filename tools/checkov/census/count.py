"""Runs inside checkov: passes for every resource and data source, and notes its kind.

checkov's own summary counts no resources, and its report leaves the kind out of most addresses. What these two report
is all that checkov saw.
"""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

NAME = "Seen"


class Resources(BaseResourceCheck):
    def __init__(self) -> None:
        super().__init__(
            name=NAME, id="CENSUS_RESOURCES", categories=[CheckCategories.CONVENTION], supported_resources=["*"]
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:  # noqa: ARG002
        self.details.append(self.entity_type)
        return CheckResult.PASSED


class DataSources(BaseDataCheck):
    def __init__(self) -> None:
        super().__init__(name=NAME, id="CENSUS_DATA", categories=[CheckCategories.CONVENTION], supported_data=["*"])

    def scan_data_conf(self, conf: dict[str, Any]) -> CheckResult:  # noqa: ARG002
        self.details.append(self.entity_type)
        return CheckResult.PASSED


Resources()
DataSources()
