"""WAF, CloudFront, Route 53."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localaws.resources.mapper import Request, one
from localaws.resources.resource import Resource

# ---- WAF: who changes something shows, by a token, that nobody did since


def changing(thing: str) -> Callable[[Resource, set[str]], None]:
    def change(resource: Resource, _: set[str]) -> None:
        lock = resource.call(f"get_{thing}", resource.key(f"get_{thing}"))["LockToken"]
        params = resource.request(f"update_{thing}").params
        resource.call(f"update_{thing}", {**params, **resource.key(f"update_{thing}"), "LockToken": lock})

    return change


def deleting(thing: str) -> Callable[[Resource], None]:
    def delete(resource: Resource) -> None:
        lock = resource.call(f"get_{thing}", resource.key(f"get_{thing}"))["LockToken"]
        resource.call(f"delete_{thing}", {**resource.key(f"delete_{thing}"), "LockToken": lock})

    return delete


# ---- CloudFront: the same by an ETag


def changing_by_etag(get: str, update: str, config: str) -> Callable[[Resource, set[str]], None]:
    def change(resource: Resource, _: set[str]) -> None:
        tag = resource.call(get, resource.key(get))["ETag"]
        params = {config: resource.request(update).params[config]}
        resource.call(update, {**resource.key(update), **params, "IfMatch": tag})

    return change


def complete_distribution(_: Resource, request: Request) -> None:
    """What AWS insists on, whatever it is, and what it refuses beside a cache policy."""
    config = request.params.get("DistributionConfig")
    if not config:
        return
    for origin in config["Origins"]["Items"]:
        if "CustomOriginConfig" not in origin:
            origin.setdefault("S3OriginConfig", {"OriginAccessIdentity": ""})
    geo = config.get("Restrictions", {}).get("GeoRestriction")
    if geo is not None:
        geo["Quantity"] = len(geo.setdefault("Items", []))
    for behavior in [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])]:
        methods = behavior.get("AllowedMethods")
        for each in (methods, methods.get("CachedMethods")) if methods else ():
            if each:
                each["Quantity"] = len(each["Items"])
        if "CachePolicyId" in behavior:
            for name in ("MinTTL", "DefaultTTL", "MaxTTL"):
                behavior.pop(name, None)


def change_distribution(resource: Resource, _: set[str]) -> None:
    now = resource.call("get_distribution_config", {"Id": resource.get("id")})
    config = resource.request("update_distribution").params["DistributionConfig"]
    config["CallerReference"] = now["DistributionConfig"]["CallerReference"]
    told = {"Id": resource.get("id"), "IfMatch": now["ETag"], "DistributionConfig": config}
    resource.call("update_distribution", told)


def delete_distribution(resource: Resource) -> None:
    """AWS deletes only a distribution that is switched off."""
    now = resource.call("get_distribution_config", {"Id": resource.get("id")})
    tag = now["ETag"]
    if now["DistributionConfig"]["Enabled"]:
        config = {**now["DistributionConfig"], "Enabled": False}
        told = {"Id": resource.get("id"), "IfMatch": tag, "DistributionConfig": config}
        tag = resource.call("update_distribution", told)["ETag"]
    resource.call("delete_distribution", {"Id": resource.get("id"), "IfMatch": tag})


# ---- Route 53: a record is changed by a batch


def _record(resource: Resource) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": full_name(resource, {}), "Type": resource.get("type")}
    if resource.get("ttl") is not None:
        record["TTL"] = int(resource.get("ttl"))
    if resource.get("records"):
        record["ResourceRecords"] = [{"Value": each} for each in resource.get("records")]
    if alias := one(resource.args.get("alias")):
        record["AliasTarget"] = {
            "HostedZoneId": alias["zone_id"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": bool(alias["evaluate_target_health"]),
        }
    return record


def full_name(resource: Resource, _: Any) -> str:
    """A name that does not end in the zone's is one below it."""
    zone = resource.call("get_hosted_zone", {"Id": resource.get("zone_id")})["HostedZone"]["Name"].rstrip(".")
    name = str(resource.get("name")).rstrip(".").lower()
    return name if name == zone or name.endswith(f".{zone}") else f"{name}.{zone}"


def _change(resource: Resource, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    resource.call("change_resource_record_sets", {"HostedZoneId": resource.get("zone_id"), "ChangeBatch": batch})


def put_record(resource: Resource) -> dict[str, Any]:
    _change(resource, "UPSERT" if resource.get("allow_overwrite") else "CREATE", _record(resource))
    return {}


def change_record(resource: Resource, _: set[str]) -> None:
    _change(resource, "UPSERT", _record(resource))


def read_record(resource: Resource) -> dict[str, Any] | None:
    name, kind = full_name(resource, {}), resource.get("type")
    start = {"StartRecordName": name, "StartRecordType": kind}
    answer = resource.call("list_resource_record_sets", {"HostedZoneId": resource.get("zone_id"), **start})
    found = (each for each in answer["ResourceRecordSets"] if each["Name"].rstrip(".") == name and each["Type"] == kind)
    record = next(found, None)
    if not record:
        return None
    record = {**record, "Name": name}
    changes = [{"Action": action, "ResourceRecordSet": record} for action in ("CREATE", "UPSERT")]
    return {**record, "ChangeBatch": {"Changes": changes}}


def delete_record(resource: Resource) -> None:
    found = read_record(resource)
    if found:
        _change(resource, "DELETE", {name: each for name, each in found.items() if name != "ChangeBatch"})
