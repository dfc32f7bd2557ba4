"""Messages of Terraform's plugin protocol 6, as the `pyvider` package ships them.

Only the one generated module of it is loaded. Importing it by name would run the packages around it, which import an
application framework: 0.2 s at each start of the plugin, and Terraform starts it several times in each command.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyvider.protocols.tfprotov6.protobuf import tfplugin6_pb2 as pb
else:
    _FILE = "pyvider/protocols/tfprotov6/protobuf/tfplugin6_pb2.py"
    _spec = importlib.util.spec_from_file_location(
        "localaws.provider.tfplugin6_pb2", importlib.metadata.distribution("pyvider").locate_file(_FILE)
    )
    pb = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(pb)

__all__ = ["pb"]
