"""What an empty account lacks and a blueprint takes for granted: it is there from the start, and listed in the README.

- the public hosted zone `example.com`, the domain of the blueprints
"""

from __future__ import annotations

from typing import Final

import botocore.session

HOSTED_ZONES: Final = ("example.com",)


def seed(endpoint: str) -> None:
    session = botocore.session.Session()
    route53 = session.create_client(
        "route53",
        "us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    for name in HOSTED_ZONES:
        route53.create_hosted_zone(Name=name, CallerReference=f"seed-{name}")
