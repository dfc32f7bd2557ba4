"""The database: available, encrypted, backed up, where only tasks and instances get at it: one instance or Aurora."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.aws import Block
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Having, Unit, having
from lib.operations.verify.keys import expect_key
from lib.operations.verify.words import expect, expect_all, expect_true, one

UNIT = Unit("database", "Database", having("database_arn", "database"))

INSTANCE = Having("database of one instance", lambda stack: stack.has_database_instance)
AURORA = Having("Aurora", lambda stack: stack.has_aurora)
_PRODUCTION = Having("duty to survive a zone: it is not in production", lambda stack: stack.is_production)
_TLS = "rds.force_ssl"


@UNIT.check("It is available at the endpoint that the outputs tell")
def available(stack: Deployment) -> Iterator[str]:
    found = described(stack)
    address, port = stack["database_address"], stack["database_port"]
    yield from expect("database_endpoint", stack["database_endpoint"], f"{address}:{port}")
    if stack.has_aurora:
        expected = {"Status": "available", "Endpoint": address, "Port": port}
        if "database_reader_address" in stack:
            expected["ReaderEndpoint"] = stack["database_reader_address"]
        yield from expect_all("the cluster", expected, found)
    else:
        yield from expect("its status", found["DBInstanceStatus"], "available")
        yield from expect_all("its endpoint", {"Address": address, "Port": port}, found.get("Endpoint", {}))


@UNIT.check("It is encrypted under the stack's key")
def encrypted(stack: Deployment) -> Iterator[str]:
    for name, each in everything(stack).items():
        yield from expect(f"StorageEncrypted of {name}", each["StorageEncrypted"], True)
        yield from expect_key(stack, "database", each.get("KmsKeyId"), name)


@UNIT.check("It is behind its own security group and no other")
def security_group(stack: Deployment) -> Iterator[str]:
    groups = [group["VpcSecurityGroupId"] for group in described(stack)["VpcSecurityGroups"]]
    yield from expect("its groups", groups, [stack["database_security_group_id"]])


@UNIT.check("It is out of reach from outside: in the isolated subnets, not public")
def isolated(stack: Deployment) -> Iterator[str]:
    for name, server in servers(stack).items():
        yield from expect(f"PubliclyAccessible of {name}", server["PubliclyAccessible"], False)
        subnets = {subnet["SubnetIdentifier"] for subnet in server["DBSubnetGroup"]["Subnets"]}
        yield from expect(f"the set of subnets of {name}", subnets, set(stack["isolated_subnet_ids"]))


@UNIT.check("Its master password is kept by AWS under the stack's key, in the secret that the outputs name")
def password(stack: Deployment) -> Iterator[str]:
    secret = described(stack).get("MasterUserSecret", {})
    expected = {"SecretArn": stack["database_master_secret_arn"], "SecretStatus": "active"}
    yield from expect_all("its secret", expected, secret)
    yield from expect_key(stack, "database", secret.get("KmsKeyId"), "its secret")
    found = stack.ask("secretsmanager", "describe_secret", SecretId=stack["database_master_secret_arn"])
    yield from expect_true("DeletedDate" not in found, "its secret is being deleted")


@UNIT.check("It is backed up every day, and backups carry its tags")
def backed_up(stack: Deployment) -> Iterator[str]:
    found = described(stack)
    yield from expect_true(found["BackupRetentionPeriod"] >= 1, "it keeps no backups")
    yield from expect("CopyTagsToSnapshot", found["CopyTagsToSnapshot"], True)


@UNIT.check("Its log is kept")
def logs(stack: Deployment) -> Iterator[str]:
    exported = described(stack).get("EnabledCloudwatchLogsExports", [])
    yield from expect_true("postgresql" in exported, "its log is not sent to CloudWatch")


@UNIT.check("Users of IAM may sign in")
def iam(stack: Deployment) -> Iterator[str]:
    found = described(stack)
    yield from expect("IAMDatabaseAuthenticationEnabled", found["IAMDatabaseAuthenticationEnabled"], True)


@UNIT.check("It takes no connection without TLS")
def tls(stack: Deployment) -> Iterator[str]:
    found = described(stack)
    if stack.has_aurora:
        states = {member["DBClusterParameterGroupStatus"] for member in found["DBClusterMembers"]}
        answer = stack.ask(
            "rds",
            "describe_db_cluster_parameters",
            DBClusterParameterGroupName=found["DBClusterParameterGroup"],
            Source="user",
        )
    else:
        group = one(found["DBParameterGroups"], "parameter group of the database")
        states = {group["ParameterApplyStatus"]}
        answer = stack.ask(
            "rds", "describe_db_parameters", DBParameterGroupName=group["DBParameterGroupName"], Source="user"
        )
    yield from expect("the state of its parameters", states, {"in-sync"})
    parameters = {each["ParameterName"]: each.get("ParameterValue") for each in answer["Parameters"]}
    yield from expect(_TLS, parameters.get(_TLS), "1")


@UNIT.check("It takes small updates by itself")
def updates(stack: Deployment) -> Iterator[str]:
    for name, server in servers(stack).items():
        yield from expect(f"AutoMinorVersionUpgrade of {name}", server["AutoMinorVersionUpgrade"], True)


@UNIT.check("One instance survives the loss of a zone in production", INSTANCE, _PRODUCTION)
def survives(stack: Deployment) -> Iterator[str]:
    yield from expect("MultiAZ", described(stack)["MultiAZ"], True)


@UNIT.check("Aurora has one writer, readers where the outputs tell of them, and all are available", AURORA)
def servers_are_available(stack: Deployment) -> Iterator[str]:
    members = described(stack)["DBClusterMembers"]
    writers = [member for member in members if member["IsClusterWriter"]]
    yield from expect("the number of writers", len(writers), 1)
    has_readers = "database_reader_address" in stack
    yield from expect("whether it has readers", len(members) > len(writers), has_readers)
    for name, server in servers(stack).items():
        yield from expect(f"the status of {name}", server["DBInstanceStatus"], "available")


@UNIT.check("Aurora's writer and readers are in different zones", AURORA)
def zones(stack: Deployment) -> Iterator[str]:
    # Those that scaling adds have names and zones of AWS's choice.
    own = [server for name, server in servers(stack).items() if name.startswith(stack["database_identifier"])]
    found = {server["AvailabilityZone"] for server in own}
    wanted = min(len(own), len(stack["isolated_subnet_ids"]))
    yield from expect_true(
        len(found) == wanted, f"its {len(own)} servers are in {', '.join(sorted(found)) or 'no zone'} alone"
    )


@UNIT.check("All that use it are told where it is")
def told(stack: Deployment) -> Iterator[str]:
    expected = {
        "DATABASE_HOST": stack["database_address"],
        "DATABASE_PORT": str(stack["database_port"]),
        "DATABASE_READER_HOST": stack.outputs.get("database_reader_address"),
    }
    for target, variables in stack.environments():
        for variable, value in expected.items():
            if variable in variables:
                yield from expect(f"{variable} of {target}", variables[variable], value)


def described(stack: Deployment) -> Block:
    """What an instance and a cluster call alike."""
    identifier = stack["database_identifier"]
    if stack.has_aurora:
        answer = stack.ask("rds", "describe_db_clusters", DBClusterIdentifier=identifier)
        return one(answer["DBClusters"], f"database cluster {identifier}")
    return _instance(stack, identifier)


def servers(stack: Deployment) -> dict[str, Block]:
    """Name -> instance: of the cluster, or the one that there is."""
    found = described(stack)
    if stack.has_database_instance:
        return {stack["database_identifier"]: found}
    names = [member["DBInstanceIdentifier"] for member in found["DBClusterMembers"]]
    return {name: _instance(stack, name) for name in names}


def everything(stack: Deployment) -> dict[str, Block]:
    """The cluster, where there is one, and its servers."""
    return {stack["database_identifier"]: described(stack), **servers(stack)}


def _instance(stack: Deployment, name: str) -> Block:
    answer = stack.ask("rds", "describe_db_instances", DBInstanceIdentifier=name)
    return one(answer["DBInstances"], f"database instance {name}")
