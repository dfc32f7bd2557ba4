"""The plugin's entry point, `python -m localaws.provider`: Terraform runs it by the launcher that `mirror` writes."""

from __future__ import annotations

import os

from localaws.provider import schema
from localaws.provider.backend import Backend, Surroundings
from localaws.provider.plugin import refuse_by_hand, serve
from localaws.provider.provider import Provider


def _connect(surroundings: Surroundings) -> Backend:
    # The AWS side takes time to load, and a plugin without it does not need it.
    from localaws.resources import connect

    return connect(surroundings)


if __name__ == "__main__":
    refuse_by_hand(os.environ)
    serve(Provider(schema.load(), os.environ, _connect), os.environ)
