"""ElastiCache: what an entry of the table cannot say."""

from __future__ import annotations

from tests.localaws.local import client, make


def test_users_join_and_leave_a_group_in_place() -> None:
    for name in ("anna", "ben"):
        mode = [{"type": "iam"}]
        make(
            "aws_elasticache_user",
            user_id=name,
            user_name=name,
            engine="redis",
            access_string="on",
            authentication_mode=mode,
        )
    group = make("aws_elasticache_user_group", user_group_id="people", engine="redis", user_ids=["anna"])
    group.update(user_ids=["ben"])
    (found,) = client("elasticache").describe_user_groups(UserGroupId="people")["UserGroups"]
    assert found["UserIds"] == ["ben"]
