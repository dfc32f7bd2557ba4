"""The AWS bindings under CDK Terrain: a package of the old name that has the successor's modules.

They are loaded when they are named, and only under this name: loaded under both, each class would be there twice.
"""

import importlib.util

_bindings = importlib.util.find_spec("cdktn_provider_aws")
if _bindings is None or _bindings.submodule_search_locations is None:
    raise ModuleNotFoundError("cdktn-provider-aws is not installed", name="cdktn_provider_aws")
__path__ = list(_bindings.submodule_search_locations)
