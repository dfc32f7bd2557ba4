"""A right deployment in a real account that is measured, and that may be told to do something."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from lib.operations.aws import DENIED_CODES, Refused
from lib.operations.deployment import Deployment
from tests.unit.operations.on_aws import on_aws
from tests.unit.operations.recorded import RecordedAws, Recording

NOW = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
DEPLOYED_AT = NOW - timedelta(minutes=28)


class LivingAws(RecordedAws):
    """Answers calls as they are scripted, and questions as they were recorded."""

    def __init__(self, region: str, answers: dict[str, Any]) -> None:
        super().__init__(region, answers)
        self.measured: dict[tuple[str, str], list[float]] = {}
        """Metric, value of a dimension -> what was measured, the newest first, a minute apart. Others: nothing."""
        self.age_minutes = 1
        """Of the newest measurement."""
        self.queries: list[dict[str, Any]] = []
        self.called: list[tuple[str, dict[str, Any]]] = []
        self.script: dict[str, list[Any]] = {}
        """`service operation` -> its answers one after the other; an error code, or an exception to be raised."""

    def ask(self, service: str, operation: str, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        if operation == "get_metric_data" and f"{service} {operation}" not in self.script:
            return self._measurements(region or self.region, parameters)
        if f"{service} {operation}" in self.script:
            return self.call(service, operation, **parameters)
        return super().ask(service, operation, region=region, **parameters)

    def call(self, service: str, operation: str, /, *, region: str | None = None, **parameters: Any) -> dict[str, Any]:
        name = f"{service} {operation}"
        of_region = {} if region in (None, self.region) else {"region": region}
        self.called.append((name, copy.deepcopy(parameters | of_region)))
        assert self.script.get(name), f"nothing is scripted for {name}"
        answer = self.script[name].pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, str):
            permission = f"{service}:{operation}" if answer in DENIED_CODES else ""
            needs = f" (needs {permission})" if permission else ""
            raise Refused(f"{name}: {answer}{needs}", answer, permission)
        return dict(answer)

    def endpoint(self, service: str) -> str:
        return f"https://{service}.{self.region}.amazonaws.com"

    def _measurements(self, region: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.queries.append({"region": region, **parameters})
        return {"MetricDataResults": [self._result(query) for query in parameters["MetricDataQueries"]]}

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        metric = query["MetricStat"]["Metric"]
        keys = [(metric["MetricName"], each["Value"]) for each in metric["Dimensions"]]
        values = next((self.measured[key] for key in keys if key in self.measured), [])
        times = [NOW - timedelta(minutes=self.age_minutes + index) for index in range(len(values))]
        return {"Id": query["Id"], "Values": values, "Timestamps": times}


class Living(Recording):
    """Its AWS may be measured and told."""

    aws: LivingAws

    def __init__(self, blueprint: str) -> None:
        right = on_aws(blueprint)
        self.outputs, self.answers = right.outputs, right.answers
        self.aws = LivingAws(self.outputs["region"], self.answers)
        self._run()

    def _run(self) -> None:
        stack = self.deployment()
        if "service_names" in stack:
            self.change("ecs describe_services", "services.0.pendingCount", 0)
            for member in ("createdAt", "updatedAt"):
                self.change("ecs describe_services", f"services.0.deployments.0.{member}", DEPLOYED_AT)
            who = "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"
            self.change("ecs describe_task_definition", "taskDefinition.registeredBy", who)
            self.change("ecs describe_task_definition", "taskDefinition.registeredAt", DEPLOYED_AT)
        for fleet in stack.all("autoscaling_group_names").values():
            self.answer(
                "autoscaling describe_instance_refreshes", {"InstanceRefreshes": []}, AutoScalingGroupName=fleet
            )
            self._serve(stack)
        for call, members in _MAINTAINED.items():
            for asked in self.of(call):
                for each in self.answers[asked][members]:
                    each["LatestRestorableTime"] = NOW - timedelta(minutes=5)
                    arn = each.get("DBClusterArn") or each["DBInstanceArn"]
                    nothing: dict[str, Any] = {"PendingMaintenanceActions": []}
                    self.answer("rds describe_pending_maintenance_actions", nothing, ResourceIdentifier=arn)
        self.change("secretsmanager describe_secret", "NextRotationDate", lambda _: NOW + timedelta(days=3))
        self.aws.asked.clear()

    def _serve(self, stack: Deployment) -> None:
        """A fleet's instances are healthy targets."""
        for fleet, group in stack.all("fleet_target_group_arns").items():
            healthy = [
                {"Target": {"Id": each["InstanceId"]}, "TargetHealth": {"State": "healthy"}}
                for each in stack.group(fleet)["Instances"]
            ]
            answer = {"TargetHealthDescriptions": healthy}
            self.answer("elbv2 describe_target_health", answer, TargetGroupArn=group)


_MAINTAINED = {"rds describe_db_instances": "DBInstances", "rds describe_db_clusters": "DBClusters"}
