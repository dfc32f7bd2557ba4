"""`cdktf` under CDK Terrain, its successor: with this folder on PYTHONPATH it is `cdktn`. See docs/way-out.md."""

import sys

import cdktn

sys.modules[__name__] = cdktn
