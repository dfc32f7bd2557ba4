"""What people rely on Terraform for, with the embedded AWS behind it: objects are changed and replaced, drift is seen,
a refused call loses nothing, and a state in S3 is written by one at a time.

Each story is lived once, in a few runs of Terraform; the tests ask what was seen on the way.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from lib.app import new_app
from lib.settings import load
from lib.tap_stack import TapStack
from localaws.environment import LocalError, children_environment, terraform
from tests.localaws.folder import Folder, State, instances
from tests.localaws.local import REGION, client, endpoint
from tests.template import Template
from tests.terraform.conftest import REQUIRED

Resources = dict[str, dict[str, Any]]
NewFolder = Callable[[str], Folder]

_OURS = "behaviour-"
"""What names begin with: this AWS is shared with other tests."""
_ACCOUNT = "123456789012"
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
)


@pytest.fixture(scope="module")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> NewFolder:
    try:
        terraform()
    except LocalError as error:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(f"nothing was applied: {error}")
    environment = children_environment(os.environ, endpoint(), REGION)
    return lambda name: Folder(tmp_path_factory.mktemp(name), **environment)


def _template(resources: Resources) -> dict[str, Any]:
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "6.25.0"}}},
        "provider": {"aws": {"region": REGION}},
        "resource": resources,
    }


# ---- changes and drift

_RULE = "aws_cloudwatch_event_rule.cleaning"


def _aws() -> dict[str, Any]:
    """What there is of this story's."""
    sqs, sns, logs = client("sqs"), client("sns"), client("logs")
    queues = sqs.list_queues(QueueNamePrefix=_OURS).get("QueueUrls", [])
    topics = [each["TopicArn"] for each in sns.list_topics()["Topics"] if f":{_OURS}" in each["TopicArn"]]
    return {
        "queues": {
            url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"]
            for url in queues
        },
        "log groups": {
            each["logGroupName"]: each["retentionInDays"]
            for each in logs.describe_log_groups(logGroupNamePrefix=_OURS)["logGroups"]
        },
        "topics": {arn: sns.list_tags_for_resource(ResourceArn=arn)["Tags"] for arn in topics},
        "told by the alarm": client("cloudwatch").describe_alarms(AlarmNamePrefix=_OURS)["MetricAlarms"][0][
            "AlarmActions"
        ],
        "cleaned": client("events").describe_rule(Name=f"{_OURS}cleaning")["ScheduleExpression"],
    }


def _few(*, seconds: int, audit: str, alerts: str, every: str) -> Resources:
    return {
        "aws_sqs_queue": {"jobs": {"name": f"{_OURS}jobs", "visibility_timeout_seconds": seconds}},
        "aws_cloudwatch_log_group": {
            "app": {"name": f"{_OURS}app", "retention_in_days": 7},
            "audit": {"name": f"{_OURS}{audit}", "retention_in_days": 7},
        },
        "aws_sns_topic": {"alerts": {"name": f"{_OURS}{alerts}", "lifecycle": {"create_before_destroy": True}}},
        "aws_cloudwatch_metric_alarm": {
            "depth": {
                "alarm_name": f"{_OURS}depth",
                "namespace": "AWS/SQS",
                "metric_name": "ApproximateNumberOfMessagesVisible",
                "comparison_operator": "GreaterThanThreshold",
                "evaluation_periods": 1,
                "period": 60,
                "statistic": "Maximum",
                "threshold": 100,
                "alarm_actions": ["${aws_sns_topic.alerts.arn}"],
            }
        },
        "aws_cloudwatch_event_rule": {
            "cleaning": {"name": f"{_OURS}cleaning", "schedule_expression": f"rate(1 {every})"}
        },
    }


class Changes:
    """A few objects, made and then changed, while the update of one and the deletion of another are refused."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        first = _few(seconds=30, audit="audit", alerts="alerts", every="day")
        first["aws_sqs_queue"]["old"] = {"name": f"{_OURS}old"}
        folder.configure(_template(first))
        folder.init()
        made = folder.apply()
        assert made.code == 0, made.output
        self.state_before, self.aws_before, begun = folder.state(), _aws(), len(folder.log())

        folder.configure(_template(_few(seconds=60, audit="audit-2", alerts="alerts-2", every="hour")))
        self.run = folder.apply(LOCALAWS_FAIL="aws_cloudwatch_event_rule:update,aws_sqs_queue:delete")
        self.state, self.aws = folder.state(), _aws()
        self.order = [(each["operation"], _name(each)) for each in folder.log()[begun:] if not each["error"]]


def _name(operation: dict[str, Any]) -> str:
    arguments = operation["arguments"]
    return str(arguments.get("name") or arguments.get("alarm_name")).removeprefix(_OURS)


@pytest.fixture(scope="module")
def changes(new_folder: NewFolder) -> Changes:
    return Changes(new_folder("changes"))


def _queue(name: str) -> str:
    return f"{endpoint()}/{_ACCOUNT}/{_OURS}{name}"


def _topic(name: str) -> str:
    return f"arn:aws:sns:{REGION}:{_ACCOUNT}:{_OURS}{name}"


def test_an_update_in_place_changes_the_object_in_aws(changes: Changes) -> None:
    assert (changes.aws_before["queues"][_queue("jobs")], changes.aws["queues"][_queue("jobs")]) == ("30", "60")


def test_an_update_in_place_keeps_the_id(changes: Changes) -> None:
    before, after = (each["aws_sqs_queue.jobs"]["attributes"] for each in (changes.state_before, changes.state))
    assert before["id"] == after["id"] == _queue("jobs")


def test_an_update_in_place_makes_and_deletes_nothing(changes: Changes) -> None:
    assert [operation for operation, name in changes.order if name == "jobs"] == ["read", "update"]


def test_what_cannot_be_changed_is_replaced(changes: Changes) -> None:
    assert sorted(changes.aws_before["log groups"]) == [f"{_OURS}app", f"{_OURS}audit"]
    assert sorted(changes.aws["log groups"]) == [f"{_OURS}app", f"{_OURS}audit-2"]


def test_what_is_replaced_goes_before_the_new_one_comes(changes: Changes) -> None:
    audit = [each for each in changes.order if each[1].startswith("audit")]
    assert audit == [("read", "audit"), ("delete", "audit"), ("create", "audit-2")]


def test_what_is_created_before_it_is_destroyed_goes_last(changes: Changes) -> None:
    changed = [each for each in changes.order if each[0] != "read" and each[1] in ("alerts", "alerts-2", "depth")]
    assert changed == [("create", "alerts-2"), ("update", "depth"), ("delete", "alerts")]


def test_what_refers_to_a_replaced_object_is_told_the_new_one(changes: Changes) -> None:
    assert (changes.aws["told by the alarm"], list(changes.aws["topics"])) == ([_topic("alerts-2")],) * 2


def test_a_refused_update_is_told_with_its_address_and_leaves_everything_as_it_was(changes: Changes) -> None:
    assert f"with {_RULE}" in changes.run.text
    assert (changes.run.code, changes.aws["cleaned"]) == (1, "rate(1 day)")
    assert changes.state[_RULE] == changes.state_before[_RULE]


def test_what_was_not_deleted_stays_in_the_state_and_in_aws(changes: Changes) -> None:
    assert "aws_sqs_queue: delete fails on request" in changes.run.text
    assert _queue("old") in changes.aws["queues"]
    assert changes.state["aws_sqs_queue.old"] == changes.state_before["aws_sqs_queue.old"]


class Drift:
    """Somebody changes and deletes some of them by boto3; then Terraform plans, applies the plan and plans again."""

    def __init__(self, folder: Folder) -> None:
        client("sqs").delete_queue(QueueUrl=_queue("jobs"))
        client("logs").put_retention_policy(logGroupName=f"{_OURS}app", retentionInDays=30)
        client("sns").tag_resource(ResourceArn=_topic("alerts-2"), Tags=[{"Key": "Owner", "Value": "somebody"}])
        plan = folder.plan("plan")
        self.found = {each["address"]: each["change"] for each in plan["resource_drift"]}
        self.planned = {each["address"]: each["change"] for each in plan["resource_changes"]}
        self.run = folder.run("apply", "-input=false", "plan")
        self.aws = _aws()
        self.is_mended = folder.plans_nothing()


@pytest.fixture(scope="module")
def drift(changes: Changes) -> Drift:
    return Drift(changes.folder)


def _changed(change: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Attributes, before and after."""
    before, after = change["before"], change["after"]
    return {name: (before[name], after[name]) for name in before if before[name] != after.get(name)}


def test_an_object_that_was_deleted_is_planned_anew(drift: Drift) -> None:
    assert drift.found["aws_sqs_queue.jobs"]["actions"] == ["delete"]
    assert drift.planned["aws_sqs_queue.jobs"]["actions"] == ["create"]


def test_an_attribute_that_was_changed_is_found(drift: Drift) -> None:
    assert _changed(drift.found["aws_cloudwatch_log_group.app"]) == {"retention_in_days": (7, 30)}


def test_an_attribute_that_was_changed_is_planned_to_be_as_it_was(drift: Drift) -> None:
    change = drift.planned["aws_cloudwatch_log_group.app"]
    assert (change["actions"], _changed(change)) == (["update"], {"retention_in_days": (30, 7)})


def test_a_tag_that_was_added_is_planned_to_go(drift: Drift) -> None:
    change = drift.planned["aws_sns_topic.alerts"]
    assert change["actions"] == ["update"]
    assert _changed(change)["tags_all"] == ({"Owner": "somebody"}, {})


def test_nothing_else_is_found(drift: Drift) -> None:
    assert sorted(drift.found) == ["aws_cloudwatch_log_group.app", "aws_sns_topic.alerts", "aws_sqs_queue.jobs"]


def test_what_was_refused_is_planned_again(drift: Drift) -> None:
    assert [drift.planned[each]["actions"] for each in (_RULE, "aws_sqs_queue.old")] == [["update"], ["delete"]]


def test_applying_the_plan_mends_it_all(drift: Drift) -> None:
    assert drift.run.code == 0, drift.run.output
    assert drift.aws == {
        "queues": {_queue("jobs"): "60"},
        "log groups": {f"{_OURS}app": 7, f"{_OURS}audit-2": 7},
        "topics": {_topic("alerts-2"): []},
        "told by the alarm": [_topic("alerts-2")],
        "cleaned": "rate(1 hour)",
    }


def test_then_there_is_nothing_to_do(drift: Drift) -> None:
    assert drift.is_mended


# ---- refused calls, half-made objects

_MAIL_LOG = "mail-log"
_MAIL_BUCKET = "mail-bucket-"


def _mail(*, queue: str, owner: str) -> Resources:
    return {
        "aws_cloudwatch_log_group": {"mail": {"name": _MAIL_LOG}},
        "aws_sns_topic": {"bounced": {"name": "mail-bounced"}},
        "aws_sqs_queue": {"mail": {"name": queue}},
        "aws_sqs_queue_policy": {"mail": {"queue_url": "${aws_sqs_queue.mail.id}", "policy": _POLICY}},
        "aws_s3_bucket": {"mail": {"bucket_prefix": _MAIL_BUCKET, "tags": {owner: "post"}}},
    }


def _log_groups_made() -> list[int]:
    """When each was, in milliseconds."""
    found = client("logs").describe_log_groups(logGroupNamePrefix=_MAIL_LOG)["logGroups"]
    return [each["creationTime"] for each in found]


def _buckets() -> list[str]:
    names = [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name.startswith(_MAIL_BUCKET)]


class Refusals:
    """A queue that AWS refuses, a bucket whose tags it refuses, a topic that fails on request; then the same without
    mistakes."""

    def __init__(self, folder: Folder) -> None:
        folder.configure(_template(_mail(queue="mail or spam", owner="aws:owner")))
        folder.init()
        self.refused = folder.apply(LOCALAWS_FAIL="aws_sns_topic:create")
        self.state_between, begun = folder.state(), len(folder.log())
        self.log_groups_between, self.buckets_between = _log_groups_made(), _buckets()

        folder.configure(_template(_mail(queue="mail", owner="Owner")))
        self.continued = folder.apply()
        self.state, self.log_groups, self.buckets = folder.state(), _log_groups_made(), _buckets()
        self.operations = [(each["operation"], each["type"]) for each in folder.log()[begun:]]
        self.is_settled = folder.plans_nothing()


@pytest.fixture(scope="module")
def refusals(new_folder: NewFolder) -> Refusals:
    return Refusals(new_folder("refusals"))


def test_a_refused_call_is_told_with_type_name_and_the_words_of_aws(refusals: Refusals) -> None:
    told = (
        "Error: creating aws_sqs_queue (mail or spam) with aws_sqs_queue.mail, "
        "on cdk.tf.json line 1, in resource.aws_sqs_queue.mail:"
    )
    assert refusals.refused.code == 1
    assert told in refusals.refused.text
    assert "CreateQueue: InvalidParameterValue: Can only include alphanumeric characters" in refusals.refused.text


def test_every_refusal_of_a_run_is_told(refusals: Refusals) -> None:
    told = re.findall(r"Error: .*? with (\w+\.\w+),", refusals.refused.text)
    assert sorted(told) == ["aws_s3_bucket.mail", "aws_sns_topic.bounced", "aws_sqs_queue.mail"]


def test_what_was_made_before_a_refusal_is_kept(refusals: Refusals) -> None:
    group = refusals.state_between["aws_cloudwatch_log_group.mail"]
    assert (group["attributes"]["id"], group.get("status")) == (_MAIL_LOG, None)
    assert len(refusals.log_groups_between) == 1


def test_what_was_refused_is_not_in_the_state_nor_what_depends_on_it(refusals: Refusals) -> None:
    assert sorted(refusals.state_between) == ["aws_cloudwatch_log_group.mail", "aws_s3_bucket.mail"]


def test_an_object_whose_second_call_was_refused_is_tainted(refusals: Refusals) -> None:
    bucket = refusals.state_between["aws_s3_bucket.mail"]
    assert "PutBucketTagging: InvalidTag: System tags" in refusals.refused.text
    assert (bucket["status"], [bucket["attributes"]["id"]]) == ("tainted", refusals.buckets_between)


def test_a_second_apply_goes_on(refusals: Refusals) -> None:
    assert refusals.continued.code == 0, refusals.continued.output
    assert sorted(refusals.state) == [
        "aws_cloudwatch_log_group.mail",
        "aws_s3_bucket.mail",
        "aws_sns_topic.bounced",
        "aws_sqs_queue.mail",
        "aws_sqs_queue_policy.mail",
    ]


def test_a_second_apply_makes_nothing_again(refusals: Refusals) -> None:
    assert [each for each, kind in refusals.operations if kind == "aws_cloudwatch_log_group"] == ["read"]
    assert refusals.log_groups == refusals.log_groups_between


def test_a_tainted_object_is_replaced_and_nothing_is_left_of_it(refusals: Refusals) -> None:
    new = refusals.state["aws_s3_bucket.mail"]
    assert (new.get("status"), [new["attributes"]["id"]]) == (None, refusals.buckets)
    assert not set(refusals.buckets) & set(refusals.buckets_between)


def test_after_that_a_plan_is_empty(refusals: Refusals) -> None:
    assert refusals.is_settled


# ---- a state in S3

_STATES = f"{_OURS}states"
_STATE = "catalog/dev/TapStackdev.tfstate"
_LOCK = f"{_STATE}.tflock"
_GROUP = "kept-in-s3"
_PATH_STYLE = "-backend-config=use_path_style=true"
_LONGEST_WAIT = 40
"""Seconds, for what takes two or three."""


class Sharing:
    """The state of a synthesized stack in a bucket, and folders that share it.

    Two apply at once. Then one is killed while it holds the lock, and another finds it held until it is forced open.
    """

    def __init__(self, new_folder: NewFolder, template: dict[str, Any]) -> None:
        client("s3").create_bucket(Bucket=_STATES, CreateBucketConfiguration={"LocationConstraint": REGION})
        self._new_folder, self._template = new_folder, template
        # By name, where a bucket would have a name of its own: `states.localhost`.
        by_name = endpoint().replace("127.0.0.1", "localhost")
        whole = self._begin("whole", template, AWS_ENDPOINT_URL=by_name)
        self.backend = json.loads((whole.path / ".terraform" / "terraform.tfstate").read_text())["backend"]
        one, other = folders = [self._begin(name, self._with(retention=7)) for name in ("one", "other")]

        applying = [each.start("apply", "-auto-approve", "-input=false") for each in folders]
        self.at_once = [each.ended(process) for each, process in zip(folders, applying, strict=True)]
        self.made = [operation["operation"] for each in folders for operation in each.log()].count("create")
        self.kept_after_both = _kept()
        self.state_after_both = _state() if self.kept_after_both else {}
        self.retention_after_both = _retention()

        one.configure(self._with(retention=14))
        # It holds the lock while it asks whether it may.
        asking = one.start("apply", "-input=true", asked=True, TF_INPUT="1")
        try:
            _wait_for_lock(asking)
            self.kept_meanwhile = _kept()
        finally:
            asking.kill()
            asking.communicate()
        self.kept_after_the_kill = _kept()

        other.configure(self._with(retention=30))
        self.locked_out = other.apply()
        self.retention_after_the_lock = _retention()
        lock = json.loads(_body(_LOCK))["ID"]
        self.unlocked = other.run("force-unlock", "-force", lock)
        self.continued = other.apply()
        self.kept, self.retention = _kept(), _retention()
        self.elsewhere = self._begin("elsewhere", self._with(retention=30)).run("plan", "-detailed-exitcode")

    def _begin(self, name: str, template: dict[str, Any], **environment: str) -> Folder:
        folder = self._new_folder(name)
        folder.configure(template)
        folder.init(_PATH_STYLE, **environment)
        return folder

    def _with(self, *, retention: int) -> dict[str, Any]:
        """The stack's backend and provider, with one object in the place of its own."""
        group = {"name": _GROUP, "retention_in_days": retention}
        return {
            "terraform": self._template["terraform"],
            "provider": self._template["provider"],
            "resource": {"aws_cloudwatch_log_group": {"main": group}},
        }


def _kept() -> dict[str, str | None]:
    """The bucket's objects, and what each was asked to be encrypted with: of itself this AWS encrypts nothing."""
    s3 = client("s3")
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=_STATES).get("Contents", ())]
    return {name: s3.head_object(Bucket=_STATES, Key=name).get("ServerSideEncryption") for name in names}


def _body(key: str) -> bytes:
    body: bytes = client("s3").get_object(Bucket=_STATES, Key=key)["Body"].read()
    return body


def _state() -> State:
    return instances(_body(_STATE))


def _retention() -> list[int]:
    found = client("logs").describe_log_groups(logGroupNamePrefix=_GROUP)["logGroups"]
    return [each["retentionInDays"] for each in found]


def _wait_for_lock(applying: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT
    while _LOCK not in _kept():
        assert applying.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def sharing(new_folder: NewFolder) -> Sharing:
    settings = load("dev", aws_region=REGION, environ={})
    stack = TapStack(new_app(), "TapStackdev", environment_suffix="dev", settings=settings, state_bucket=_STATES)
    return Sharing(new_folder, Template.of(stack).document)


def test_a_synthesized_stack_finds_its_bucket_by_path(sharing: Sharing) -> None:
    asked = {name: value for name, value in sharing.backend["config"].items() if value is not None}
    assert (sharing.backend["type"], asked) == (
        "s3",
        {
            "bucket": _STATES,
            "encrypt": True,
            "key": _STATE,
            "region": REGION,
            "use_lockfile": True,
            "use_path_style": True,
        },
    )


def test_of_two_applies_at_once_one_wins(sharing: Sharing) -> None:
    assert sorted(each.code for each in sharing.at_once) == [0, 1], sharing.at_once


def test_the_other_is_told_that_the_state_is_locked_and_by_whom(sharing: Sharing) -> None:
    (lost,) = (each for each in sharing.at_once if each.code)
    assert "Error: Error acquiring the state lock" in lost.text
    assert f"Path: {_STATES}/{_STATE} Operation: OperationTypeApply Who:" in lost.text


def test_the_other_changes_nothing(sharing: Sharing) -> None:
    assert (sharing.made, sharing.retention_after_both) == (1, [7])


def test_the_state_is_that_of_the_winner(sharing: Sharing) -> None:
    ((address, group),) = sharing.state_after_both.items()
    assert address == "aws_cloudwatch_log_group.main"
    assert (group["attributes"]["id"], group["attributes"]["retention_in_days"]) == (_GROUP, 7)


def test_the_state_is_one_encrypted_object_and_the_lock_is_gone(sharing: Sharing) -> None:
    assert sharing.kept_after_both == {_STATE: "AES256"}


def test_the_lock_is_an_encrypted_object_while_an_apply_is_under_way(sharing: Sharing) -> None:
    assert sharing.kept_meanwhile == {_STATE: "AES256", _LOCK: "AES256"}


def test_a_killed_apply_leaves_its_lock(sharing: Sharing) -> None:
    assert sorted(sharing.kept_after_the_kill) == [_STATE, _LOCK]


def test_the_lock_of_a_killed_apply_keeps_the_next_one_from_changing_anything(sharing: Sharing) -> None:
    assert "Error: Error acquiring the state lock" in sharing.locked_out.text
    assert (sharing.locked_out.code, sharing.retention_after_the_lock) == (1, [7])


def test_a_lock_can_be_forced_open(sharing: Sharing) -> None:
    assert sharing.unlocked.code == 0, sharing.unlocked.output


def test_after_that_an_apply_goes_on(sharing: Sharing) -> None:
    assert sharing.continued.code == 0, sharing.continued.output
    assert (sharing.retention, sorted(sharing.kept)) == ([30], [_STATE])


def test_the_state_is_the_same_in_another_folder(sharing: Sharing) -> None:
    assert sharing.elsewhere.code == 0, sharing.elsewhere.output
