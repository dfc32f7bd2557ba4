"""SQS: what an entry of the table cannot say."""

from __future__ import annotations

from tests.localaws.local import make


def test_a_queue_without_a_policy_has_none_to_show() -> None:
    queue = make("aws_sqs_queue", name="plain")
    statement = '{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}'
    policy = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
    attached = make("aws_sqs_queue_policy", queue_url=queue["url"], policy=policy)
    attached.delete()
    assert attached.read() is None
