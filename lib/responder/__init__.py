"""The application that runs when a service names no image of its own."""

from pathlib import Path

IMAGE = "public.ecr.aws/docker/library/python:3.13-alpine"
"""For both processors. ECS resolves the tag to a digest once a deployment: all tasks of one run the same bytes.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html"""

USER = "65534:65534"
"""`nobody`: the application needs no rights of its own."""

COMMAND = ("python", "-u", "-c", (Path(__file__).parent / "server.py").read_text(encoding="utf-8"))

HEALTH_COMMAND = (
    "python",
    "-c",
    "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health', timeout=2)",
)
"""Ends with 0 when `/health` answers 200: an error status raises. The image has no curl."""
