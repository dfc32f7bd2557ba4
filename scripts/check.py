"""Judges templates before AWS sees them: their structure, each value by AWS's own models, their policies.

Without a template: every blueprint in every tier, synthesized anew. With templates: those, as they are.

Exit code: 0; 1 for findings; 2 for what cannot be judged (a template, settings, the environment), all of which is
listed; 130 when interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

_INTERRUPTED = 130

# What takes a while to import is imported inside `main`: whoever interrupts that has no use for a traceback.


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        chosen = _parse(arguments)
        from scripts.judging import judge

        return judge(chosen)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.templates and (chosen.blueprint or chosen.tier):
        parser.error("a template is judged as it is: leave out --blueprint and --tier, or the template")
    return chosen


def _parser() -> argparse.ArgumentParser:
    from scripts.synth import TIERS

    parser = argparse.ArgumentParser(
        prog="check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("templates", nargs="*", type=Path, metavar="TEMPLATE", help="a cdk.tf.json")
    parser.add_argument("--blueprint", help="a built-in one or a TOML file; left out: all built-in ones")
    parser.add_argument("--tier", choices=TIERS, help="left out: all")
    parser.add_argument("--json", action="store_true", help="everything as one JSON document, for programs")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write a report that CI systems show")
    return parser


if __name__ == "__main__":
    exit_code = main()
    if exit_code == _INTERRUPTED:
        # At its end Python would have jsii take leave of its Node, which had the interrupt too and is gone.
        os._exit(exit_code)
    sys.exit(exit_code)
