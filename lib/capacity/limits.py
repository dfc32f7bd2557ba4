"""What AWS allows, each number with the page that says so. Nothing in here is ours to choose."""

from __future__ import annotations

from dataclasses import dataclass

_DOCS = "https://docs.aws.amazon.com"
_ALB = f"{_DOCS}/elasticloadbalancing/latest/application"
_EC2 = f"{_DOCS}/general/latest/gr/ec2-service.html"
_ECS = f"{_DOCS}/general/latest/gr/ecs-service.html"
_VPC = f"{_DOCS}/general/latest/gr/vpc-service.html"
_RDS = f"{_DOCS}/general/latest/gr/rds-service.html"
_CACHE_DOCS = f"{_DOCS}/AmazonElastiCache/latest/dg"
_CACHE_QUOTAS = f"{_DOCS}/general/latest/gr/elasticache-service.html"
_LAMBDA = f"{_DOCS}/lambda/latest/dg"
_TABLES = f"{_DOCS}/amazondynamodb/latest/developerguide"
_CDN = f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"
_AURORA = f"{_DOCS}/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html"
_FILES = f"{_DOCS}/efs/latest/ug/performance.html"
_NAT = f"{_DOCS}/vpc/latest/userguide/nat-gateway-basics.html"


@dataclass(frozen=True)
class Limit:
    """A number of AWS's."""

    value: float
    meaning: str
    page: str


@dataclass(frozen=True)
class Quota(Limit):
    """A limit that AWS raises on request; `value` is what an account has before it asked."""

    code: str


# Scaling of services and fleets.
SCALE_OUT_DATAPOINTS = Limit(
    3,
    "one-minute datapoints above the target in the alarm that target tracking makes, until it scales out",
    f"{_DOCS}/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html",
)
TASKS_STARTED_A_MINUTE = Limit(500, "tasks that a service starts on Fargate a minute", _ECS)
TASKS_STARTED_AT_ONCE = Limit(
    100,
    "tasks that an account starts on Fargate within a second",
    f"{_DOCS}/AmazonECS/latest/developerguide/throttling.html",
)

# Network.
RESERVED_ADDRESSES = Limit(
    5, "addresses of each subnet that AWS keeps", f"{_DOCS}/vpc/latest/userguide/subnet-sizing.html"
)
LOAD_BALANCER_ADDRESSES = Limit(
    8,
    "free addresses that a load balancer wants in each of its subnets to grow",
    f"{_ALB}/application-load-balancers.html",
)
NAT_CONNECTIONS = Limit(55_000, "connections to one destination, for each address of a NAT gateway", _NAT)
NAT_GIGABITS_AT_ONCE = Limit(5, "Gbit/s of a NAT gateway from the start", _NAT)
NAT_GIGABITS = Limit(100, "Gbit/s of a NAT gateway once it has grown", _NAT)

# What stands in front.
FIREWALL_REQUESTS = Limit(
    100_000, "requests a second that a web ACL inspects", f"{_DOCS}/waf/latest/developerguide/limits.html"
)
API_REQUESTS = Quota(
    10_000,
    "requests a second of all APIs of API Gateway",
    f"{_DOCS}/apigateway/latest/developerguide/limits.html",
    "L-8A5B8E43",
)
API_BURST = Limit(5000, "requests that API Gateway takes at once", API_REQUESTS.page)
API_REQUESTS_IN_SMALL_REGIONS = Limit(2500, "the same, in regions that opened lately", API_REQUESTS.page)
API_BURST_IN_SMALL_REGIONS = Limit(1250, "the same, in regions that opened lately", API_REQUESTS.page)
SMALL_API_REGIONS = frozenset(
    {
        "af-south-1",
        "eu-south-1",
        "ap-southeast-3",
        "me-central-1",
        "ap-south-2",
        "ap-southeast-4",
        "eu-south-2",
        "eu-central-2",
        "il-central-1",
        "ca-west-1",
        "ap-southeast-5",
        "ap-southeast-7",
        "mx-central-1",
    }
)
CDN_REQUESTS = Limit(250_000, "requests a second of a distribution", _CDN)
CDN_GIGABITS = Limit(150, "Gbit/s of a distribution", _CDN)

# Database.
BYTES_PER_CONNECTION = Limit(
    9_531_392,
    "bytes of memory behind each connection, in RDS's own choice of max_connections",
    f"{_DOCS}/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
)
ACU_GIB = Limit(2, "GiB of memory in an Aurora capacity unit", _AURORA)
DISK_OPERATIONS = Limit(
    3000, "disk operations a second of an instance's gp3", f"{_DOCS}/AmazonRDS/latest/UserGuide/CHAP_Storage.html"
)
DISK_OPERATIONS_OF_LARGE = Limit(12_000, "the same from 400 GiB on", DISK_OPERATIONS.page)
LARGE_DISK_GIB = 400

# Cache.
CACHE_CONNECTIONS = Limit(
    65_000,
    "connections to a node, and to a serverless cache",
    f"{_CACHE_DOCS}/BestPractices.Clients.Redis.Connections.html",
)
ECPUS_AT_ONCE = Limit(
    30_000, "processing units a second that an empty serverless cache has at once", f"{_CACHE_DOCS}/Scaling.html"
)
ECPU_DOUBLING_MINUTES = Limit(3, "minutes in which Valkey 8 doubles them", f"{_CACHE_DOCS}/Scaling.html")
ECPU_DOUBLING_MINUTES_OF_OLDER = Limit(
    12,
    "minutes in which older engines do",
    "https://aws.amazon.com/blogs/database/"
    "amazon-elasticache-version-8-0-for-valkey-brings-faster-scaling-and-improved-memory-efficiency/",
)

# Functions and tables.
INVOCATIONS = Quota(1000, "invocations at one time", f"{_LAMBDA}/gettingstarted-limits.html", "L-B99A9384")
INVOCATIONS_AT_ONCE = Limit(1000, "more of them, for each function, in 10 seconds", f"{_LAMBDA}/scaling-behavior.html")
RATE_PER_INVOCATION = Limit(
    10, "invocations a second for each that may run at one time, however short", f"{_LAMBDA}/lambda-concurrency.html"
)
TABLE_READS = Quota(40_000, "reads a second of a table", f"{_TABLES}/ServiceQuotas.html", "L-CF0CBE56")
TABLE_WRITES = Quota(40_000, "writes a second of a table", f"{_TABLES}/ServiceQuotas.html", "L-AB614373")
TABLE_READS_AT_ONCE = Limit(12_000, "reads a second of a new table", f"{_TABLES}/on-demand-capacity-mode.html")
TABLE_WRITES_AT_ONCE = Limit(4000, "writes a second of a new table", f"{_TABLES}/on-demand-capacity-mode.html")
TABLE_DOUBLING_MINUTES = Limit(
    30, "minutes in which a table takes twice its last peak", f"{_TABLES}/on-demand-capacity-mode.html"
)

# Files.
FILE_READS = Limit(900_000, "reads a second of a file system with elastic throughput", _FILES)
FILE_WRITES = Limit(500_000, "writes a second of a file system with elastic throughput", _FILES)
FILE_READS_BURSTING = Limit(35_000, "reads a second with bursting throughput", _FILES)
FILE_WRITES_BURSTING = Limit(7000, "writes a second with bursting throughput", _FILES)

# What a fresh account has of things that are counted.
FARGATE_VCPUS = Quota(6, "vCPUs of tasks on Fargate", _ECS, "L-3032A538")
FARGATE_SPOT_VCPUS = Quota(6, "vCPUs of tasks on Fargate Spot", _ECS, "L-36FBB829")
INSTANCE_VCPUS = Quota(5, "vCPUs of standard instances", _EC2, "L-1216C47A")
ADDRESSES = Quota(5, "elastic IP addresses", _EC2, "L-0263D0A3")
VPCS = Quota(5, "VPCs", _VPC, "L-F678F1CE")
NAT_GATEWAYS = Quota(5, "NAT gateways in a zone", _VPC, "L-FE5A380F")
NETWORK_INTERFACES = Quota(5000, "network interfaces", _VPC, "L-DF5E4CA3")
LOAD_BALANCERS = Quota(50, "application load balancers", f"{_ALB}/load-balancer-limits.html", "L-53DA6B97")
TARGETS = Quota(1000, "targets of a load balancer", f"{_ALB}/load-balancer-limits.html", "L-7E6692B2")
RULES = Quota(100, "rules of a load balancer", f"{_ALB}/load-balancer-limits.html", "L-7EED9B64")
DATABASES = Quota(40, "database instances", _RDS, "L-7B6409FD")
DATABASE_CLUSTERS = Quota(40, "Aurora clusters", _RDS, "L-952B80B8")
CACHE_NODES = Quota(300, "cache nodes", _CACHE_QUOTAS, "L-DFE45DF3")
SERVERLESS_CACHES = Quota(40, "serverless caches", _CACHE_QUOTAS, "L-BBCDAECC")
KEY_REQUESTS = Quota(
    10_000,
    "uses of KMS keys a second, in the regions that have least",
    f"{_DOCS}/kms/latest/developerguide/requests-per-second.html",
    "L-6E3AF000",
)


def all_limits() -> list[Limit]:
    """In the order of this page."""
    return [value for value in globals().values() if isinstance(value, Limit)]
