"""Route 53: what an entry of the table cannot say."""

from __future__ import annotations

from tests.localaws.local import client, make


def test_a_record_is_below_its_zone() -> None:
    zones = client("route53").list_hosted_zones()["HostedZones"]
    zone = zones[0]["Id"].removeprefix("/hostedzone/")
    record = make("aws_route53_record", zone_id=zone, name="www", type="A", ttl=60, records=["10.0.0.1"])
    assert record["fqdn"] == "www.example.com"


def test_a_changed_record_is_seen() -> None:
    zone = client("route53").list_hosted_zones()["HostedZones"][0]["Id"].removeprefix("/hostedzone/")
    record = make("aws_route53_record", zone_id=zone, name="seen", type="A", ttl=60, records=["10.0.0.1"])
    changed = {"Name": "seen.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.2"}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": changed}]}
    client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
    found = record.read()
    assert found
    assert found["records"] != ["10.0.0.1"]
