"""The project's plugin with nothing behind it, and with the kinds alone that the blueprints use: Terraform reads the
whole schema at each of its starts, and of 1,581 kinds they use a sixteenth.

`write` is for the tests; Terraform starts this module by the launcher that it writes, with the schema's file.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Collection, MutableMapping
from pathlib import Path

from localaws.provider.backend import Backend, Surroundings
from localaws.provider.plugin import refuse_by_hand, serve
from localaws.provider.protocol import pb
from localaws.provider.provider import Provider
from localaws.provider.schema import Schema, load

_ENDPOINT = "AWS_ENDPOINT_URL"
_LAUNCHER = """\
#!/bin/sh
PYTHONPATH={root} exec {python} -P -m {module} {schema}
"""


def write(folder: Path) -> Path:
    """The CLI configuration with which Terraform takes it."""
    from localaws.provider import mirror
    from localaws.resources.data import DATA, EPHEMERAL
    from localaws.resources.table import TABLE

    message = pb.GetProviderSchema.Response()
    message.CopyFrom(load().message)
    _keep(message.resource_schemas, TABLE)
    _keep(message.data_source_schemas, DATA)
    _keep(message.ephemeral_resource_schemas, EPHEMERAL)
    schema = folder / "schema.pb"
    schema.write_bytes(message.SerializeToString())
    configuration = mirror.write(folder)
    (launcher,) = folder.glob("mirror/**/terraform-provider-aws_*")
    words = {"root": mirror.ROOT, "python": sys.executable, "module": __name__, "schema": schema}
    launcher.write_text(_LAUNCHER.format(**{name: shlex.quote(str(word)) for name, word in words.items()}))
    return configuration


def _keep(schemas: MutableMapping[str, pb.Schema], kinds: Collection[str]) -> None:
    for kind in set(schemas).difference(kinds):
        del schemas[kind]


def _no_backend(surroundings: Surroundings) -> Backend:
    raise AssertionError(f"{surroundings.endpoint_url}: nothing is to be behind it")


if __name__ == "__main__":
    refuse_by_hand(os.environ)
    # A sealed step names an endpoint that nobody listens at. Told of none, the plugin makes up what AWS would say.
    told = {name: value for name, value in os.environ.items() if name != _ENDPOINT}
    serve(Provider(Schema("", Path(sys.argv[1]).read_bytes()), told, _no_backend), told)
