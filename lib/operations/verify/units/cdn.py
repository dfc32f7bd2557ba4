"""The CDN: deployed, by TLS only, the one way to its bucket, and answering."""

from __future__ import annotations

from collections.abc import Iterator

from lib.naming import Kind
from lib.operations.aws import Block, Refused
from lib.operations.deployment import Deployment
from lib.operations.verify.check import NO_TASKS, Unit, having
from lib.operations.verify.words import expect, expect_all, expect_true, one
from lib.settings.edge import EDGE_REGION
from lib.settings.model import ASSETS

UNIT = Unit("cdn", "CDN", having("cdn_distribution_id", "CDN"))

METHODS = {"GET", "HEAD", "OPTIONS"}
MISSING = "/verification/no-such-object"
_YEAR_SECONDS = 365 * 24 * 60 * 60


@UNIT.check("It is enabled and deployed, at the name that the outputs tell")
def deployed(stack: Deployment) -> Iterator[str]:
    found = distribution(stack)
    expected = {
        "Status": "Deployed",
        "DomainName": stack["cdn_domain_name"],
        "ARN": stack["cdn_distribution_arn"],
    }
    yield from expect_all("the distribution", expected, found)
    yield from expect("Enabled", settings(stack)["Enabled"], True)


@UNIT.check("It speaks HTTP/2 and HTTP/3, also by IPv6")
def protocols(stack: Deployment) -> Iterator[str]:
    found = settings(stack)
    yield from expect("its protocols", found["HttpVersion"].lower(), "http2and3")
    yield from expect("IsIPV6Enabled", found["IsIPV6Enabled"], True)


@UNIT.check("Its one origin is the bucket of the assets, and it signs what it asks of it")
def origin(stack: Deployment) -> Iterator[str]:
    found = one(settings(stack)["Origins"]["Items"], "origin of the CDN")
    domain = f"{stack['bucket_names'][ASSETS]}.s3.{stack.region}.amazonaws.com"
    yield from expect("its origin", found["DomainName"], domain)
    yield from expect("the origin of its requests", behavior(stack)["TargetOriginId"], found["Id"])
    id = found.get("OriginAccessControlId")
    if not id:
        yield "it signs nothing: the origin has no access control"
        return
    answer = stack.ask("cloudfront", "get_origin_access_control", region=EDGE_REGION, Id=id)
    expected = {"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4"}
    control = answer["OriginAccessControl"]["OriginAccessControlConfig"]
    yield from expect_all("the access control", expected, control)


@UNIT.check("Users come by TLS only, 1.2 or better at a name of the platform's own")
def tls(stack: Deployment) -> Iterator[str]:
    found = settings(stack)
    yield from expect("what plain HTTP gets", behavior(stack)["ViewerProtocolPolicy"], "redirect-to-https")
    certificate = found["ViewerCertificate"]
    domain = stack["cdn_url"].removeprefix("https://")
    if domain == stack["cdn_domain_name"]:
        yield from expect("CloudFrontDefaultCertificate", certificate.get("CloudFrontDefaultCertificate"), True)
    else:
        yield from expect("its own names", found["Aliases"].get("Items"), [domain])
        expected = {"MinimumProtocolVersion": "TLSv1.2_2021", "SSLSupportMethod": "sni-only"}
        yield from expect_all("its certificate", expected, certificate)


@UNIT.check("It only reads, and compresses")
def reads(stack: Deployment) -> Iterator[str]:
    found = behavior(stack)
    yield from expect("the set of methods", set(found["AllowedMethods"]["Items"]), METHODS)
    yield from expect("the set of cached ones", set(found["AllowedMethods"]["CachedMethods"]["Items"]), METHODS)
    yield from expect("Compress", found["Compress"], True)
    yield from expect("the number of other behaviours", settings(stack)["CacheBehaviors"]["Quantity"], 0)


@UNIT.check("It is behind the web ACL that it should be behind")
def web_acl(stack: Deployment) -> Iterator[str]:
    yield from expect("its web ACL", settings(stack)["WebACLId"], stack.outputs.get("cdn_web_acl_arn", ""))


@UNIT.check("It adds headers for security")
def headers(stack: Deployment) -> Iterator[str]:
    id = behavior(stack).get("ResponseHeadersPolicyId")
    if not id:
        yield "it has no policy of headers"
        return
    answer = stack.ask("cloudfront", "get_response_headers_policy", region=EDGE_REGION, Id=id)
    found = answer["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"].get("SecurityHeadersConfig", {})
    age = found.get("StrictTransportSecurity", {}).get("AccessControlMaxAgeSec", 0)
    yield from expect_true(age >= _YEAR_SECONDS, f"browsers remember for {age} seconds that it speaks TLS")
    yield from expect("X-Content-Type-Options", found.get("ContentTypeOptions", {}).get("Override"), True)
    yield from expect("X-Frame-Options", found.get("FrameOptions", {}).get("FrameOption"), "DENY")


@UNIT.check("Pages of any origin may use the assets, and only read them")
def cors(stack: Deployment) -> Iterator[str]:
    rules = [(rule["AllowedOrigins"], sorted(rule["AllowedMethods"])) for rule in _cors_rules(stack)]
    yield from expect("the rules for pages of other origins", rules, [(["*"], ["GET", "HEAD"])])


@UNIT.check("It writes down each request, without cookies, in the stack's bucket of logs")
def logs(stack: Deployment) -> Iterator[str]:
    arn = stack["cdn_distribution_arn"]
    sources = stack.ask("logs", "describe_delivery_sources", region=EDGE_REGION)["deliverySources"]
    source = one((each for each in sources if arn in each["resourceArns"]), "source of the access log")
    found = stack.ask("logs", "describe_deliveries", region=EDGE_REGION)["deliveries"]
    of_source = (each for each in found if each["deliverySourceName"] == source["name"])
    delivery = one(of_source, "delivery of the access log")
    name = delivery["deliveryDestinationArn"].rpartition(":")[2]
    answer = stack.ask("logs", "get_delivery_destination", region=EDGE_REGION, name=name)["deliveryDestination"]
    resource = answer["deliveryDestinationConfiguration"]["destinationResourceArn"]
    beginning = f"{stack.names.of(Kind.BUCKET, 'logs')}-"
    is_own = resource.partition(":s3:::")[2].startswith(beginning)
    yield from expect_true(is_own, f"the access log goes to {resource}")
    yield from expect_true("cs(Cookie)" not in delivery.get("recordFields", []), "the access log holds cookies")


@UNIT.check("A missing object is a 404 by HTTPS", needs_aws=NO_TASKS)
def missing_object(stack: Deployment) -> Iterator[str]:
    answer = stack.aws.fetch(stack["cdn_url"] + MISSING)
    yield from expect("the status code", answer["status"], 404)
    policy = answer["headers"].get("strict-transport-security", "")
    yield from expect_true(policy.startswith("max-age="), f"strict-transport-security is {policy or 'not set'}")
    yield from expect("x-content-type-options", answer["headers"].get("x-content-type-options"), "nosniff")


@UNIT.check("Plain HTTP is redirected", needs_aws=NO_TASKS)
def redirects(stack: Deployment) -> Iterator[str]:
    answer = stack.aws.fetch(stack["cdn_url"].replace("https:", "http:", 1) + MISSING)
    yield from expect("the status code", answer["status"], 301)
    yield from expect("where it leads", answer["headers"].get("location"), stack["cdn_url"] + MISSING)


@UNIT.check("Nobody gets at the bucket past it", needs_aws=NO_TASKS)
def only_way(stack: Deployment) -> Iterator[str]:
    url = f"https://{stack['bucket_names'][ASSETS]}.s3.{stack.region}.amazonaws.com{MISSING}"
    yield from expect(f"the status code of {url}", stack.aws.fetch(url)["status"], 403)


def distribution(stack: Deployment) -> Block:
    answer = stack.ask("cloudfront", "get_distribution", region=EDGE_REGION, Id=stack["cdn_distribution_id"])
    return dict(answer["Distribution"])


def settings(stack: Deployment) -> Block:
    return dict(distribution(stack)["DistributionConfig"])


def behavior(stack: Deployment) -> Block:
    """What it does with every request."""
    return dict(settings(stack)["DefaultCacheBehavior"])


def _cors_rules(stack: Deployment) -> list[Block]:
    try:
        answer = stack.ask("s3", "get_bucket_cors", Bucket=stack["bucket_names"][ASSETS])
    except Refused as error:
        if error.code != "NoSuchCORSConfiguration":
            raise
        return []
    return list(answer["CORSRules"])
