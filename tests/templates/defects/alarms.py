"""Templates whose alarms cannot go off or reach nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lib.evidence.structure import alarms as checks
from tests.template import Block, Template
from tests.templates.defects.seeding import breaks, first, remove, text_of

_ALARM = "aws_cloudwatch_metric_alarm"


def alarm(template: Template, part: str) -> Block:
    (found,) = [each for each in template.all(_ALARM) if each["alarm_name"].endswith(f"-{part}")]
    return found


@breaks(checks.alarms_are_all_there, "there are 26 alarms, and 27 are expected")
def an_alarm_is_lost(template: Template) -> None:
    remove(template, _ALARM, alarm(template, "nat-drops2"))


@breaks(checks.alarms_are_all_there, "2 alarms watch")
def an_alarm_watches_what_another_does(template: Template) -> None:
    one = alarm(template, "api-cpu")
    alarm(template, "api-memory").update({key: one[key] for key in ("metric_name", "dimensions")})


@breaks(checks.alarms_are_all_there, "alarm_names does not name the alarms")
def an_alarm_is_not_in_the_outputs(template: Template) -> None:
    template.outputs["alarm_names"]["value"].pop()


@breaks(checks.alarms_can_go_off, "nothing is known to report AWS/ElastiCache EngineCPUUtilization by clusterId")
def an_alarm_asks_a_serverless_cache_for_cpu(template: Template) -> None:
    alarm(template, "cache-compute")["metric_name"] = "EngineCPUUtilization"


@breaks(checks.alarms_can_go_off, "nothing is known to report AWS/ElastiCache DatabaseMemoryUsagePercentage", "lms-dev")
def an_alarm_asks_the_group_and_not_its_nodes(template: Template) -> None:
    alarm(template, "cache-memory001")["dimensions"] = {"ReplicationGroupId": "lms-dev-cache"}


@breaks(checks.alarms_can_go_off, "CacheClusterId is lms-dev-cache-003", "lms-dev")
def an_alarm_watches_a_node_that_is_not_there(template: Template) -> None:
    alarm(template, "cache-lag002")["dimensions"] = {"CacheClusterId": "lms-dev-cache-003"}


@breaks(checks.alarms_can_go_off, "CacheClusterId is lms-dev-cache-001", "lms-dev")
def a_group_with_shards_names_its_nodes_otherwise(template: Template) -> None:
    template.only("aws_elasticache_replication_group")["cluster_mode"] = "enabled"


@breaks(checks.alarms_can_go_off, "LoadBalancer is ${aws_lb.")
def an_alarm_goes_by_the_whole_arn(template: Template) -> None:
    dimensions = alarm(template, "alb-5xx")["dimensions"]
    dimensions["LoadBalancer"] = dimensions["LoadBalancer"].replace(".arn_suffix", ".arn")


@breaks(checks.alarms_can_go_off, "DBInstanceIdentifier is ${aws_db_instance.")
def an_alarm_goes_by_the_resource_id(template: Template) -> None:
    (name,) = template.named("aws_db_instance")
    alarm(template, "database-cpu")["dimensions"] = {"DBInstanceIdentifier": f"${{aws_db_instance.{name}.id}}"}


@breaks(checks.alarms_can_go_off, "ServiceName is ${aws_ecs_cluster.")
def an_alarm_takes_the_cluster_for_the_service(template: Template) -> None:
    dimensions = alarm(template, "api-cpu")["dimensions"]
    dimensions["ServiceName"] = dimensions["ClusterName"]


@breaks(checks.alarms_can_go_off, "WebACL is catalog-prod-firewall, which no resource of the template goes by")
def an_alarm_takes_a_firewall_for_that_of_the_cdn(template: Template) -> None:
    del alarm(template, "firewall-blocked")["dimensions"]["Region"]


@breaks(checks.alarms_can_go_off, "nothing is known to report AWS/ApplicationELB TargetResponseTime by TargetGroup")
def an_alarm_lacks_a_dimension(template: Template) -> None:
    del alarm(template, "api-latency")["dimensions"]["LoadBalancer"]


@breaks(checks.alarms_can_go_off, "Rule is AWSManagedRules")
def an_alarm_names_a_rule_that_reports_otherwise(template: Template) -> None:
    alarm(template, "firewall-blocked")["dimensions"]["Rule"] = "AWSManagedRulesCommonRuleSet"


@breaks(checks.alarms_can_go_off, "RunningTaskCount is not reported")
def an_alarm_needs_insights_that_are_off(template: Template) -> None:
    template.only("aws_ecs_cluster")["setting"][0]["value"] = "disabled"


@breaks(checks.alarms_can_go_off, "BurstCreditBalance is not reported", "redis-nodes")
def an_alarm_needs_credits_that_elastic_files_have_not(template: Template) -> None:
    template.only("aws_efs_file_system")["throughput_mode"] = "elastic"


@breaks(checks.alarms_can_go_off, "PercentIOLimit is not reported")
def an_alarm_needs_a_limit_that_other_files_have_not(template: Template) -> None:
    template.only("aws_efs_file_system")["performance_mode"] = "maxIO"


@breaks(checks.alarms_can_go_off, "BlockedRequests is not reported")
def an_alarm_needs_counts_that_are_off(template: Template) -> None:
    template.only("aws_wafv2_web_acl")["visibility_config"]["cloudwatch_metrics_enabled"] = False


@breaks(checks.alarms_can_go_off, "5xxErrorRate is reported in us-east-1, and the alarm is in sa-east-1", "everything")
def an_alarm_is_in_a_region_without_its_metric(template: Template) -> None:
    del alarm(template, "cdn-5xx")["region"]


@breaks(checks.alarms_can_go_off, "NumberOfNotificationsFailed is reported in us-east-1", "everything")
def an_alarm_is_in_another_region_than_the_topic_that_it_watches(template: Template) -> None:
    alarm(template, "notifications-edgefailed")["region"] = "eu-west-1"


@breaks(
    checks.alarms_can_go_off, "nothing is known to report AWS/CloudFront 5xxErrorRate by DistributionId", "everything"
)
def an_alarm_of_the_cdn_lacks_its_region(template: Template) -> None:
    del alarm(template, "cdn-5xx")["dimensions"]["Region"]


@breaks(checks.alarms_can_go_off, "nothing is known to report AWS/CloudFront OriginLatency", "everything")
def an_alarm_needs_metrics_that_the_cdn_does_not_have_by_itself(template: Template) -> None:
    alarm(template, "cdn-5xx")["metric_name"] = "OriginLatency"


@breaks(checks.alarms_can_go_off, "GroupInServiceInstances is not reported", "two-fleets")
def an_alarm_needs_a_metric_that_its_group_does_not_report(template: Template) -> None:
    first(template, "aws_autoscaling_group", name="fleet-dev-2-own")["enabled_metrics"].remove(
        "GroupInServiceInstances"
    )


@breaks(checks.alarms_can_go_off, "web_memory_", "two-fleets")
def an_agent_is_not_started(template: Template) -> None:
    _in_script(template, "web", "amazon-cloudwatch-agent-ctl -a fetch-config", "true")


@breaks(checks.alarms_can_go_off, "web_disk_", "two-fleets")
def an_agent_is_told_of_another_group(template: Template) -> None:
    _in_script(
        template, "web", '"AutoScalingGroupName": "fleet-dev-2-web"', '"AutoScalingGroupName": "fleet-dev-2-own"'
    )


def _in_script(template: Template, fleet: str, old: str, new: str) -> None:
    """Changes what the instances of a fleet do at their first boot."""
    local = template.document["locals"]
    (name,) = [each for each in local if each.startswith(f"{fleet}_fleet_")]
    local[name] = local[name].replace(old, new)


@breaks(checks.alarms_can_go_off, "ACUUtilization is not reported", "transactions-prod")
def an_alarm_needs_capacity_units_that_other_servers_have_not(template: Template) -> None:
    for server in template.all("aws_rds_cluster_instance"):
        server["instance_class"] = "db.r7g.large"


@breaks(checks.alarms_can_go_off, "FreeLocalStorage is not reported", "everything")
def an_alarm_needs_a_disk_that_serverless_servers_do_not_report(template: Template) -> None:
    for server in template.all("aws_rds_cluster_instance"):
        server["instance_class"] = "db.serverless"


@breaks(checks.alarms_can_go_off, "Role is READER, which no resource of the template goes by", "everything")
def an_alarm_watches_readers_that_are_not_there(template: Template) -> None:
    remove(template, "aws_rds_cluster_instance", template.all("aws_rds_cluster_instance")[-1])


@breaks(checks.alarms_can_go_off, "AuroraReplicaLag is not reported", "single-cluster")
def an_alarm_needs_the_lag_of_a_reader(template: Template) -> None:
    alarm(template, "database-cpuwriter")["metric_name"] = "AuroraReplicaLag"


@breaks(checks.alarms_can_go_off, "QueueName is transactions-prod-validator-lost", "transactions-prod")
def an_alarm_watches_a_queue_that_is_not_there(template: Template) -> None:
    alarm(template, "validator-failed")["dimensions"] = {"QueueName": "transactions-prod-validator-lost"}


@breaks(
    checks.alarms_can_go_off, "nothing is known to report AWS/DynamoDB ThrottledRequests by TableName", "everything"
)
def an_alarm_asks_a_table_for_what_its_operations_report(template: Template) -> None:
    alarm(template, "orders-reads")["metric_name"] = "ThrottledRequests"


@breaks(checks.alarms_can_go_off, "nothing is known to report AWS/ApiGateway 5XXError", "payments-prod")
def an_alarm_asks_an_http_api_for_a_metric_of_rest_apis(template: Template) -> None:
    alarm(template, "gateway-5xx")["metric_name"] = "5XXError"


@breaks(checks.alarms_can_go_off, "Average says nothing about HTTPCode_ELB_5XX_Count")
def an_alarm_averages_a_count(template: Template) -> None:
    alarm(template, "alb-5xx")["statistic"] = "Average"


@breaks(checks.alarms_can_go_off, "HealthyHostCount is bad when it is low")
def an_alarm_looks_the_wrong_way(template: Template) -> None:
    alarm(template, "api-healthy")["comparison_operator"] = "GreaterThanThreshold"


@breaks(checks.alarms_can_go_off, "CPUUtilization never gets beyond 100")
def a_threshold_is_never_reached(template: Template) -> None:
    alarm(template, "database-cpu")["threshold"] = 100


@breaks(checks.alarms_can_go_off, "Duration never gets beyond 10000", "transactions-prod")
def a_function_is_ended_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "validator-duration")["threshold"] = 10_000


@breaks(checks.alarms_can_go_off, "TargetResponseTime never gets beyond 60")
def a_load_balancer_gives_up_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "api-latency")["threshold"] = 90


@breaks(checks.alarms_can_go_off, "DatabaseConnections never gets beyond 80", "catalog-dev")
def a_database_is_full_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "database-connections")["threshold"] = 100


@breaks(checks.alarms_can_go_off, "BytesUsedForCache never gets beyond 1.07374e+10")
def a_cache_is_full_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "cache-memory")["threshold"] = 20 * 1024**3


@breaks(checks.alarms_can_go_off, "ElastiCacheProcessingUnits never gets beyond 300000")
def a_cache_is_throttled_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "cache-compute")["threshold"] = 5000 * 60


@breaks(checks.alarms_can_go_off, "Latency never gets beyond 30000", "payments-prod")
def the_http_api_gives_up_before_its_alarm_goes_off(template: Template) -> None:
    alarm(template, "gateway-latency")["threshold"] = 30_000


@breaks(checks.alarms_can_go_off, "takes no period of 90 seconds")
def a_period_is_no_period(template: Template) -> None:
    alarm(template, "api-cpu")["period"] = 90


@breaks(checks.alarms_can_go_off, "comes every 60 seconds, not in periods of 10")
def a_period_is_shorter_than_the_metric_s(template: Template) -> None:
    alarm(template, "api-cpu")["period"] = 10


@breaks(checks.alarms_can_go_off, "4 of 3 periods")
def more_periods_must_be_bad_than_are_looked_at(template: Template) -> None:
    alarm(template, "api-cpu")["datapoints_to_alarm"] = 4


@breaks(checks.alarms_can_go_off, "further than a day")
def an_alarm_looks_back_too_far(template: Template) -> None:
    alarm(template, "api-cpu").update(period=3600, evaluation_periods=25)


@breaks(checks.alarms_can_go_off, "treats silence as missing")
def silence_is_not_thought_of(template: Template) -> None:
    del alarm(template, "api-cpu")["treat_missing_data"]


@breaks(checks.alarms_can_go_off, "ok_actions tell nobody")
def recovery_is_not_told(template: Template) -> None:
    del alarm(template, "api-cpu")["ok_actions"]


@breaks(checks.alarms_can_go_off, "alarm_actions tell nobody")
def an_alarm_tells_what_is_no_topic(template: Template) -> None:
    (name,) = template.named("aws_ecs_service")
    alarm(template, "api-cpu")["alarm_actions"] = [f"${{aws_ecs_service.{name}.arn}}"]


@breaks(checks.alarms_can_go_off, "alarm_actions tell nobody")
def nobody_has_subscribed(template: Template) -> None:
    template.document["resource"]["aws_sns_topic_subscription"] = {}


@breaks(checks.alarms_can_go_off, "its actions are off")
def an_alarm_is_silenced(template: Template) -> None:
    alarm(template, "api-cpu")["actions_enabled"] = False


@breaks(checks.alarms_can_go_off, "does not say what to do")
def an_alarm_does_not_say_what_to_do(template: Template) -> None:
    alarm(template, "api-cpu")["alarm_description"] = ""


@contextmanager
def widgets(template: Template) -> Iterator[list[Any]]:
    with text_of(template.only("aws_cloudwatch_dashboard"), "dashboard_body") as body:
        yield body["widgets"]


@breaks(checks.dashboard_shows_the_alarms, "no table of widgets")
def the_page_is_no_json(template: Template) -> None:
    template.only("aws_cloudwatch_dashboard")["dashboard_body"] += "}"


@breaks(checks.dashboard_shows_the_alarms, "which no alarm watches")
def a_graph_shows_another_metric(template: Template) -> None:
    with widgets(template) as found:
        found[2]["properties"]["metrics"][0][1] = "NetworkIn"


@breaks(checks.dashboard_shows_the_alarms, "which no alarm watches")
def a_graph_shows_another_statistic(template: Template) -> None:
    with widgets(template) as found:
        found[2]["properties"]["stat"] = "p99"


@breaks(checks.dashboard_shows_the_alarms, "does not show")
def a_graph_is_missing(template: Template) -> None:
    with widgets(template) as found:
        found.pop()


@breaks(checks.dashboard_shows_the_alarms, "not that of all alarms")
def the_state_of_an_alarm_is_missing(template: Template) -> None:
    with widgets(template) as found:
        found[0]["properties"]["alarms"].pop()


@breaks(checks.dashboard_shows_the_alarms, "looks for its metric in us-east-1")
def a_graph_looks_into_another_region(template: Template) -> None:
    with widgets(template) as found:
        found[2]["properties"]["region"] = "us-east-1"


@breaks(checks.dashboard_shows_the_alarms, "looks for its metric in sa-east-1", "everything")
def a_graph_of_the_cdn_looks_into_the_stack_s_region(template: Template) -> None:
    with widgets(template) as found:
        graphs = [each["properties"] for each in found if each["type"] == "metric"]
        next(each for each in graphs if each["metrics"][0][0] == "AWS/CloudFront")["region"] = "sa-east-1"


@breaks(checks.dashboard_shows_the_alarms, "widgets 2 and 3 overlap")
def two_graphs_overlap(template: Template) -> None:
    with widgets(template) as found:
        found[3]["x"] = found[2]["x"] + 1


@breaks(checks.dashboard_shows_the_alarms, "beyond column 24")
def a_graph_is_beyond_the_page(template: Template) -> None:
    with widgets(template) as found:
        found[4]["width"] = 9


@breaks(checks.dashboard_shows_the_alarms, "has no place")
def a_graph_has_no_height(template: Template) -> None:
    with widgets(template) as found:
        found[2]["height"] = 0


@breaks(checks.dashboard_shows_the_alarms, "knows no widget chart")
def a_widget_is_of_an_unknown_type(template: Template) -> None:
    with widgets(template) as found:
        found[1]["type"] = "chart"


@breaks(checks.dashboard_shows_the_alarms, "a page of 0 widgets")
def the_page_is_empty(template: Template) -> None:
    with widgets(template) as found:
        found.clear()


@breaks(checks.dashboard_shows_the_alarms, "a list of 135 alarms")
def a_list_of_alarms_is_too_long(template: Template) -> None:
    with widgets(template) as found:
        found[0]["properties"]["alarms"] *= 5
