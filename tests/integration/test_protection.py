"""Protection from deletion: the whole stack has it or nothing has, whichever its settings say."""

from __future__ import annotations

from tests.integration.deployment import Deployment


def test_what_holds_the_stack_together_is_protected_alike(deployment: Deployment) -> None:
    states = protected(deployment)
    assert len(set(states.values())) == 1, states


def protected(deployment: Deployment) -> dict[str, bool]:
    """What can be protected from deletion -> whether it is."""
    arn = deployment["load_balancer_arn"]
    attributes = deployment.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    values = {each["Key"]: each["Value"] for each in attributes}
    found = {"load balancer": values["deletion_protection.enabled"] == "true"}
    rds = deployment.client("rds")
    if "database_arn" in deployment:
        identifier = deployment["database_identifier"]
        database = (
            rds.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
            if deployment.has_aurora
            else rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        )
        found["database"] = database[0]["DeletionProtection"]
    for table, name in deployment.all("table_names").items():
        answer = deployment.client("dynamodb").describe_table(TableName=name)
        found[f"table {table}"] = answer["Table"]["DeletionProtectionEnabled"]
    return found
