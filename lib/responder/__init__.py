"""The application that runs where a service names no image, or a fleet no script of its own."""

from pathlib import Path

IMAGE = "public.ecr.aws/amazonlinux/amazonlinux:2023"
"""For both processors, with `python3` (3.9 as long as there is Amazon Linux 2023) and `curl`. ECS resolves the tag to a
digest once a deployment: all tasks of one run the same bytes.
https://docs.aws.amazon.com/linux/al2023/ug/python.html
https://docs.aws.amazon.com/linux/al2023/ug/curl-minimal.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"""

USER = "65534:65534"
"""`nobody`: the application needs no rights of its own."""

PROGRAM = (Path(__file__).parent / "server.py").read_text(encoding="utf-8")

COMMAND = ("python3", "-u", "-c", PROGRAM)

HEALTH_COMMAND = (
    "python3",
    "-c",
    "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)",
)
"""Ends with 0 when `/health` answers 200: an error status raises."""
