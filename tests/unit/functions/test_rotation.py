"""The rotation of the database's password, on a PostgreSQL that runs here: each test says who would be locked out, or
let in too far, if it failed."""

from __future__ import annotations

import json
import os
import re
import ssl
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from lib.functions.rotation import handler
from tests.unit.functions.postgres import DATABASE, MASTER, MASTER_PASSWORD, Postgres, trouble
from tests.unit.functions.tls import HOST, Authority

REGION = "eu-west-1"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
NOW = datetime.now(UTC)
WHY_NOT = trouble()

pytestmark = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))


class Ecs:
    """ECS as far as the function asks it."""

    def __init__(self) -> None:
        self.deployed: dict[str, datetime] = {}
        """Service -> when the deployment began whose tasks run. One that is missing here is not there."""
        self.asked: list[list[str]] = []
        self.replaced: list[str] = []
        self.failing: set[str] = set()

    def describe_services(self, *, cluster: str, services: list[str]) -> dict[str, Any]:
        assert cluster == "shop"
        self.asked.append(services)
        found = [
            {
                "serviceName": name,
                "deployments": [{"createdAt": NOW + timedelta(days=1)}, {"createdAt": self.deployed[name]}],
            }
            for name in services
            if name in self.deployed
        ]
        return {"services": found, "failures": []}

    def update_service(self, *, cluster: str, service: str, forceNewDeployment: bool) -> None:  # noqa: N803
        assert (cluster, forceNewDeployment) == ("shop", True)
        if service in self.failing:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "UpdateService")
        if service not in self.deployed:
            raise ClientError({"Error": {"Code": "ServiceNotFoundException", "Message": "?"}}, "UpdateService")
        self.replaced.append(service)


class World:
    """A database, its secrets, and the services that use it."""

    def __init__(self, postgres: Postgres, ecs: Ecs, manager: Any) -> None:
        self.postgres = postgres
        self.ecs = ecs
        self.manager = manager
        name, master = uuid.uuid4().hex, {"username": MASTER, "password": MASTER_PASSWORD}
        self.master = manager.create_secret(Name=f"rds!{name}", SecretString=json.dumps(master))["ARN"]
        self.secret = manager.create_secret(Name=f"shop/{name}/database/application")["ARN"]

    def prepare(self) -> None:
        handler.handle({"Step": "prepare"}, None)

    def begin(self) -> str:
        """As Secrets Manager does: a version without a value. Its token."""
        token = str(uuid.uuid4())
        secret: Any = secretsmanager_backends[DEFAULT_ACCOUNT_ID][REGION].secrets[self.secret]
        secret.remove_version_stages_from_old_versions(["AWSPENDING"])
        secret.versions[token] = {"createdate": 0, "version_id": token, "version_stages": ["AWSPENDING"]}
        return token

    def call(self, step: str, token: str) -> None:
        handler.handle({"Step": step, "SecretId": self.secret, "ClientRequestToken": token}, None)

    def rotate(self) -> None:
        token = self.begin()
        for step in STEPS:
            self.call(step, token)

    def value(self, stage: str = "AWSCURRENT") -> tuple[str, str]:
        """User and password."""
        found = self.manager.get_secret_value(SecretId=self.secret, VersionStage=stage)
        value = json.loads(found["SecretString"])
        assert value.keys() == {"username", "password"}
        return value["username"], value["password"]

    def put(self, **value: str) -> None:
        self.manager.put_secret_value(SecretId=self.secret, SecretString=json.dumps(value))

    def stages(self) -> dict[str, list[str]]:
        return dict(self.manager.describe_secret(SecretId=self.secret)["VersionIdsToStages"])

    def signed_in(self, stage: str = "AWSCURRENT") -> Connection:
        return self.postgres.signed_in(*self.value(stage))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # Not pytest's own folder: nobody but its owner may look into that, and PostgreSQL does not run as root.
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o711)
        server = Postgres(Path(name))
        with server.running():
            yield server


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """Secrets Manager, of which each test has secrets of its own."""
    told = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in told.items():
            patch.setenv(name, value)
        handler._secrets_manager.cache_clear()
        yield handler._secrets_manager()
        handler._secrets_manager.cache_clear()


@pytest.fixture
def world(postgres: Postgres, aws: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    postgres.renew()
    handler._tls.cache_clear()
    found = World(postgres, Ecs(), aws)
    told = {
        "DATABASE_SECRET_ARN": found.secret,
        "DATABASE_MASTER_SECRET_ARN": found.master,
        "DATABASE_HOST": HOST,
        "DATABASE_PORT": str(postgres.port),
        "DATABASE_NAME": DATABASE,
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(handler, "AUTHORITIES", postgres.authorities.as_uri())
    monkeypatch.setattr(handler, "_ecs", lambda: found.ecs)
    return found


@pytest.fixture
def prepared(world: World) -> World:
    world.prepare()
    return world


def asked(connection: Connection, question: str) -> Any:
    """The one value of an answer."""
    with connection:
        ((value,),) = connection.run(question)
    return value


class TestPreparation:
    def test_the_first_value_signs_in_and_acts_as_the_owner(self, prepared: World) -> None:
        assert prepared.value()[0] == "app_a"
        assert asked(prepared.signed_in(), "SELECT session_user || ' ' || current_user") == "app_a app_owner"

    def test_the_password_is_long_and_of_letters_and_digits(self, prepared: World) -> None:
        assert re.fullmatch(r"[A-Za-z0-9]{32}", prepared.value()[1])

    def test_again_it_changes_nothing(self, prepared: World) -> None:
        before, stages = prepared.value(), prepared.stages()
        with prepared.postgres.superuser() as server:
            kept = server.run("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'app%' ORDER BY 1")
        prepared.prepare()
        assert (prepared.value(), prepared.stages()) == (before, stages)
        with prepared.postgres.superuser() as server:
            assert server.run("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'app%' ORDER BY 1") == kept

    def test_a_value_that_was_made_and_not_yet_set_is_set(self, world: World) -> None:
        world.put(username="app_a", password="of-a-call-that-was-cut-off")
        world.prepare()
        assert world.value() == ("app_a", "of-a-call-that-was-cut-off")
        world.signed_in().close()

    def test_a_database_without_users_gets_those_of_both_labels(self, prepared: World) -> None:
        prepared.rotate()
        prepared.postgres.renew()
        prepared.prepare()
        for stage, user in (("AWSCURRENT", "app_b"), ("AWSPREVIOUS", "app_a")):
            assert asked(prepared.signed_in(stage), "SELECT session_user") == user

    def test_nobody_signs_in_as_the_user_whose_turn_it_is_not(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            ((password,),) = server.run("SELECT rolpassword FROM pg_authid WHERE rolname = 'app_b'")
        assert password is None

    def test_an_interrupted_one_leaves_no_half_of_it(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(handler, "USERS", ("app_a", "app_b; no name", "app_\0"))
        with pytest.raises((DatabaseError, InterfaceError)):
            world.prepare()
        with world.postgres.superuser() as server:
            assert server.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'app%'") == []


class TestRights:
    def test_users_and_owner_are_no_more_than_they_have_to_be(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            found = server.run(
                "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
                " FROM pg_roles WHERE rolname LIKE 'app%' ORDER BY rolname"
            )
        nothing = [False] * 5
        assert found == [["app_a", True, *nothing], ["app_b", True, *nothing], ["app_owner", False, *nothing]]

    def test_users_are_members_of_the_owner_and_of_nothing_else(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            found = server.run(
                "SELECT member::regrole::text, roleid::regrole::text FROM pg_auth_members"
                " WHERE member::regrole::text LIKE 'app%' ORDER BY 1"
            )
        assert found == [["app_a", "app_owner"], ["app_b", "app_owner"]]

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE ROLE another LOGIN",
            "ALTER ROLE app_b PASSWORD 'mine'",
            f"DROP DATABASE {DATABASE}",
            f"ALTER DATABASE {DATABASE} OWNER TO app_owner",
            f"SET ROLE {MASTER}",
            "SELECT rolpassword FROM pg_authid",
        ],
    )
    def test_an_application_may_not(self, prepared: World, statement: str) -> None:
        with prepared.signed_in() as application, pytest.raises(DatabaseError, match=r"permission denied|must be"):
            application.run(statement)

    def test_an_application_makes_schemas_and_uses_the_one_that_is_there(self, prepared: World) -> None:
        with prepared.signed_in() as application:
            application.run("CREATE SCHEMA orders")
            application.run("CREATE TABLE orders.lines (id int)")
            application.run("CREATE TABLE customers (id int)")
            found = application.run(
                "SELECT schemaname, tableowner FROM pg_tables WHERE tableowner LIKE 'app%' ORDER BY 1"
            )
        assert found == [["orders", "app_owner"], ["public", "app_owner"]]

    def test_what_one_user_made_the_other_writes_changes_and_drops(self, prepared: World) -> None:
        with prepared.signed_in() as application:
            application.run("CREATE TABLE customers (id serial PRIMARY KEY, name text)")
            application.run("INSERT INTO customers (name) VALUES ('of a')")
        prepared.rotate()
        with prepared.signed_in() as application:
            application.run("INSERT INTO customers (name) VALUES ('of b')")
            application.run("ALTER TABLE customers ADD COLUMN since date")
            assert application.run("SELECT name FROM customers ORDER BY id") == [["of a"], ["of b"]]
            application.run("CREATE TABLE of_b (id int)")
        with prepared.signed_in("AWSPREVIOUS") as application:
            application.run("INSERT INTO of_b VALUES (1)")
            application.run("DROP TABLE of_b, customers")

    def test_a_pool_that_resets_its_connections_still_acts_as_the_owner(self, prepared: World) -> None:
        with prepared.signed_in() as application:
            for reset in ("DISCARD ALL", "RESET ALL", "RESET ROLE"):
                application.run(reset)
                assert application.run("SELECT current_user") == [["app_owner"]]


class TestTwoRotations:
    def test_users_take_turns_each_with_a_new_password(self, prepared: World) -> None:
        values = [prepared.value()]
        for _ in range(3):
            prepared.rotate()
            values.append(prepared.value())
        assert [user for user, _ in values] == ["app_a", "app_b", "app_a", "app_b"]
        assert len({password for _, password in values}) == 4

    def test_old_credentials_open_new_connections_until_the_rotation_after(self, prepared: World) -> None:
        old = prepared.value()
        prepared.rotate()
        prepared.postgres.signed_in(*old).close()
        assert prepared.value("AWSPREVIOUS") == old
        prepared.rotate()
        with pytest.raises(DatabaseError, match="password authentication failed"):
            prepared.postgres.signed_in(*old)

    def test_open_connections_outlive_every_rotation(self, prepared: World) -> None:
        with prepared.signed_in() as application:
            application.run("CREATE TABLE customers (id int)")
            for _ in range(3):
                prepared.rotate()
                application.run("INSERT INTO customers VALUES (1)")
            assert application.run("SELECT count(*) FROM customers") == [[3]]

    def test_the_label_of_what_is_current_has_moved(self, prepared: World) -> None:
        (first,) = prepared.stages()
        token = prepared.begin()
        for step in STEPS:
            prepared.call(step, token)
        stages = prepared.stages()
        assert "AWSCURRENT" in stages[token]
        assert stages[first] == ["AWSPREVIOUS"]

    def test_goes_on_when_rds_has_rotated_the_master(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            server.run(f"ALTER ROLE {MASTER} PASSWORD 'another'")
        master = json.dumps({"username": MASTER, "password": "another"})
        prepared.manager.put_secret_value(SecretId=prepared.master, SecretString=master)
        prepared.rotate()
        prepared.signed_in().close()

    def test_no_password_is_in_any_statement(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        statements: list[str] = []
        run = Connection.run

        def listened(self: Connection, statement: str, *more: Any, **named: Any) -> Any:
            statements.append(statement)
            return run(self, statement, *more, **named)

        monkeypatch.setattr(Connection, "run", listened)
        world.prepare()
        world.rotate()
        set_to = [each for each in statements if "PASSWORD" in each]
        assert [re.sub(r"'SCRAM-SHA-256\$4096:[^']+'", "...", each) for each in set_to] == [
            f'ALTER ROLE "{user}" PASSWORD ...' for user in ("app_a", "app_b")
        ]


class TestRepeatedSteps:
    def test_every_step_twice_comes_to_the_same(self, prepared: World) -> None:
        old, token = prepared.value(), prepared.begin()
        for step in STEPS:
            prepared.call(step, token)
            after = prepared.stages()
            prepared.call(step, token)
            assert prepared.stages() == after
        prepared.signed_in().close()
        prepared.postgres.signed_in(*old).close()

    def test_a_new_password_is_made_once(self, prepared: World) -> None:
        token = prepared.begin()
        prepared.call("createSecret", token)
        made = prepared.value("AWSPENDING")
        prepared.call("createSecret", token)
        assert prepared.value("AWSPENDING") == made

    def test_all_four_again_after_the_end_change_nothing(self, prepared: World) -> None:
        token = prepared.begin()
        for step in STEPS:
            prepared.call(step, token)
        value = prepared.value()
        for step in STEPS:
            prepared.call(step, token)
        assert prepared.value() == value
        prepared.signed_in().close()

    @pytest.mark.parametrize("step", ["setSecret", "finishSecret"])
    def test_a_step_before_its_turn_is_refused_and_what_is_in_use_works(self, prepared: World, step: str) -> None:
        old, stages, token = prepared.value(), prepared.stages(), prepared.begin()
        with pytest.raises(handler.RefusedError, match="no value"):
            prepared.call(step, token)
        assert prepared.value() == old
        assert {version for version, labels in prepared.stages().items() if "AWSCURRENT" in labels} == set(stages)
        prepared.signed_in().close()

    def test_one_that_was_not_set_never_becomes_current(self, prepared: World) -> None:
        old, token = prepared.value(), prepared.begin()
        prepared.call("createSecret", token)
        for step in ("testSecret", "finishSecret"):
            with pytest.raises(DatabaseError, match="password authentication failed"):
                prepared.call(step, token)
        assert prepared.value() == old

    def test_what_no_rotation_began_is_refused(self, prepared: World) -> None:
        with pytest.raises(handler.RefusedError, match="no version of a rotation"):
            prepared.call("createSecret", str(uuid.uuid4()))

    def test_another_secret_is_refused(self, prepared: World) -> None:
        told = {"Step": "createSecret", "SecretId": prepared.master, "ClientRequestToken": prepared.begin()}
        with pytest.raises(handler.RefusedError, match="is not the secret"):
            handler.handle(told, None)

    def test_setting_up_a_rotation_tries_what_is_current(self, prepared: World) -> None:
        prepared.call("testSecret", prepared.begin())
        with prepared.postgres.superuser() as server:
            server.run("ALTER ROLE app_a PASSWORD 'changed by hand'")
        with pytest.raises(DatabaseError, match="password authentication failed"):
            prepared.call("testSecret", prepared.begin())


class TestFailures:
    def test_a_password_that_cannot_be_set_leaves_the_current_one_working(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            server.run(f"ALTER ROLE {MASTER} NOLOGIN")
        old, token = prepared.value(), prepared.begin()
        prepared.call("createSecret", token)
        with pytest.raises(DatabaseError, match="not permitted to log in"):
            prepared.call("setSecret", token)
        assert prepared.value() == old
        prepared.signed_in().close()

    def test_and_the_same_rotation_goes_on_when_it_is_tried_again(self, prepared: World) -> None:
        with prepared.postgres.superuser() as server:
            server.run(f"ALTER ROLE {MASTER} NOLOGIN")
        token = prepared.begin()
        prepared.call("createSecret", token)
        with pytest.raises(DatabaseError):
            prepared.call("setSecret", token)
        with prepared.postgres.superuser() as server:
            server.run(f"ALTER ROLE {MASTER} LOGIN")
        for step in STEPS:
            prepared.call(step, token)
        assert prepared.value()[0] == "app_b"

    def test_a_user_of_another_name_is_left_alone(self, prepared: World) -> None:
        prepared.put(username="reporting", password="x")
        with pytest.raises(handler.RefusedError, match="reporting is none of the users that take turns: app_a, app_b"):
            prepared.call("createSecret", prepared.begin())

    def test_the_user_in_use_is_never_changed(self, prepared: World) -> None:
        token = prepared.begin()
        prepared.call("createSecret", token)
        # By hand, while it goes on: now both are of one user.
        prepared.put(username="app_b", password="x")
        with pytest.raises(handler.RefusedError, match="app_b is in use"):
            prepared.call("setSecret", token)

    def test_one_that_signs_in_as_somebody_else_does_not_pass(self, prepared: World) -> None:
        token = prepared.begin()
        for step in STEPS[:2]:
            prepared.call(step, token)
        with prepared.postgres.superuser() as server:
            server.run("ALTER ROLE app_b RESET role")
        with pytest.raises(handler.RefusedError, match="acts as app_b, not as app_owner"):
            prepared.call("testSecret", token)

    def test_a_database_that_is_down_is_no_wrong_password(
        self, prepared: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_NAME", "gone")
        with pytest.raises(DatabaseError, match='database "gone" does not exist'):
            handler._signs_in(handler.Credentials(*prepared.value(), NOW))

    def test_a_secret_that_may_not_be_read_is_no_secret_without_a_value(
        self, prepared: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def denied(**_: object) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")

        monkeypatch.setattr(handler._secrets_manager(), "get_secret_value", denied)
        with pytest.raises(ClientError, match="AccessDenied"):
            prepared.prepare()


class TestTls:
    def test_a_server_of_another_authority_is_not_talked_to(
        self, prepared: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.pem"
        other.write_bytes(Authority().certificate)
        monkeypatch.setattr(handler, "AUTHORITIES", other.as_uri())
        handler._tls.cache_clear()
        with pytest.raises(ssl.SSLCertVerificationError):
            prepared.prepare()

    def test_a_server_of_another_name_is_not_talked_to(self, prepared: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_HOST", "127.0.0.1")
        with pytest.raises(ssl.SSLCertVerificationError, match=r"IP address mismatch|doesn't match"):
            prepared.prepare()

    def test_the_authorities_are_those_of_rds_by_https(self) -> None:
        assert handler.AUTHORITIES.startswith("https://truststore.pki.rds.amazonaws.com/global/")

    def test_they_are_fetched_once_a_start(self, prepared: World) -> None:
        before = handler._tls.cache_info().misses
        prepared.rotate()
        assert handler._tls.cache_info().misses == before


class TestServices:
    @pytest.fixture
    def serving(self, prepared: World, monkeypatch: pytest.MonkeyPatch) -> World:
        """Two services whose tasks know the current password."""
        monkeypatch.setenv("CLUSTER", "shop")
        monkeypatch.setenv("SERVICES", "shop-api shop-admin")
        prepared.ecs.deployed = dict.fromkeys(("shop-api", "shop-admin"), NOW + timedelta(days=1))
        return prepared

    def test_tasks_are_replaced_once_the_new_password_is_current(self, serving: World) -> None:
        token = serving.begin()
        for step in STEPS[:3]:
            serving.call(step, token)
        assert serving.ecs.replaced == []
        serving.call("finishSecret", token)
        assert serving.ecs.replaced == ["shop-api", "shop-admin"]

    def test_where_there_are_fleets_alone_nobody_is_asked(self, prepared: World) -> None:
        prepared.rotate()
        assert (prepared.ecs.asked, prepared.ecs.replaced) == ([], [])

    def test_one_that_is_not_there_is_passed_over(self, serving: World) -> None:
        del serving.ecs.deployed["shop-api"]
        serving.rotate()
        assert serving.ecs.replaced == ["shop-admin"]

    def test_one_that_cannot_be_replaced_fails_the_rotation_after_the_others_were(self, serving: World) -> None:
        serving.ecs.failing = {"shop-api"}
        with pytest.raises(handler.RefusedError, match=r"tasks keep the old password: shop-api: .*slow down"):
            serving.rotate()
        assert serving.ecs.replaced == ["shop-admin"]

    def test_and_is_replaced_when_the_step_is_repeated(self, serving: World) -> None:
        serving.ecs.failing, token = {"shop-api"}, serving.begin()
        for step in STEPS[:3]:
            serving.call(step, token)
        with pytest.raises(handler.RefusedError):
            serving.call("finishSecret", token)
        serving.ecs.failing = set()
        value = serving.value()
        for step in STEPS:
            serving.call(step, token)
        assert serving.ecs.replaced == ["shop-admin", "shop-api", "shop-admin"]
        assert serving.value() == value

    def test_a_password_that_old_tasks_may_know_is_not_changed(self, serving: World) -> None:
        old = serving.value()
        serving.rotate()
        # ECS has gone back to what ran before the rotation.
        serving.ecs.deployed["shop-api"] = NOW - timedelta(days=1)
        serving.ecs.replaced.clear()
        with pytest.raises(handler.RefusedError, match="tasks of shop-api have run since before the last rotation"):
            serving.rotate()
        serving.postgres.signed_in(*old).close()
        serving.signed_in().close()

    def test_and_those_tasks_are_replaced(self, serving: World) -> None:
        serving.ecs.deployed["shop-api"] = NOW - timedelta(days=1)
        with pytest.raises(handler.RefusedError):
            serving.rotate()
        assert serving.ecs.replaced == ["shop-api"]
        serving.ecs.deployed["shop-api"] = NOW + timedelta(days=1)
        serving.rotate()
        assert serving.value()[0] == "app_b"

    def test_ecs_is_asked_about_ten_at_a_time(self, serving: World, monkeypatch: pytest.MonkeyPatch) -> None:
        names = [f"shop-{number}" for number in range(21)]
        monkeypatch.setenv("SERVICES", " ".join(names))
        serving.ecs.deployed = dict.fromkeys(names, NOW + timedelta(days=1))
        serving.rotate()
        assert [len(asked) for asked in serving.ecs.asked] == [10, 10, 1]
        assert serving.ecs.replaced == names


class TestLogs:
    def test_tell_the_step_and_no_password(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("DEBUG", logger=handler.__name__):
            world.prepare()
            world.rotate()
        assert [getattr(each, "step", None) for each in caplog.records if each.message == "done"] == ["prepare", *STEPS]
        written = " ".join(str(vars(each)) for each in caplog.records)
        assert all(world.value(stage)[1] not in written for stage in ("AWSCURRENT", "AWSPREVIOUS"))


def test_clients_give_up_before_lambda_ends_the_function() -> None:
    from lib.components.rotation import _TIMEOUT_SECONDS

    told = handler._CONFIG
    attempts = told.retries["total_max_attempts"]
    assert attempts * (told.connect_timeout + told.read_timeout) < _TIMEOUT_SECONDS


def test_calls_go_to_the_services_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for client, host in ((handler._ecs, "ecs"), (handler._secrets_manager, "secretsmanager")):
        client.cache_clear()
        assert client().meta.endpoint_url == f"https://{host}.{REGION}.amazonaws.com"
        client.cache_clear()
