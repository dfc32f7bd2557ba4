"""How many concurrent users a blueprint carries, what binds first, how fast it grows, which quotas it needs.

Computed from the blueprint's own settings; nothing is asked of AWS. What the settings do not say is an assumption
(`--assume`), all of which are printed.

Exit code: 0, or 2 for settings or assumptions that cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from lib.capacity import Assumptions, reports, tables
from lib.capacity.page import with_tables
from lib.settings import SettingsError, Tier
from lib.settings.layers import built_in_blueprints

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "capacity.md"


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.write:
            PAGE.write_text(with_tables(PAGE.read_text()))
            print(PAGE.relative_to(ROOT))
        else:
            print(_answer(chosen), end="")
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="capacity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--blueprint", help="a built-in one or a TOML file; left out: all built-in ones, in short")
    environment = parser.add_mutually_exclusive_group()
    environment.add_argument("--tier", choices=get_args(Tier), help="left out: all")
    environment.add_argument("--suffix", help="an environment by its name, in place of a tier")
    parser.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE", help="another assumption")
    parser.add_argument(
        "--share",
        action="append",
        default=[],
        metavar="NAME=PERCENT",
        help="requests that a service or function gets",
    )
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--write", action="store_true", help=f"write the tables of {PAGE.relative_to(ROOT)} anew")
    return parser


def _answer(chosen: argparse.Namespace) -> str:
    """The summary; of a blueprint that is named all of it; and what it rests on."""
    table = tables.markdown if chosen.markdown else tables.plain
    assumptions = Assumptions().with_values(chosen.assume)
    suffix = chosen.suffix or chosen.tier
    found = reports(
        [chosen.blueprint] if chosen.blueprint else built_in_blueprints(),
        [suffix] if suffix else get_args(Tier),
        assumptions,
        _shares(chosen.share),
    )
    parts = [f"{tables.question(assumptions)}.\n", table(tables.SUMMARY, tables.summary(found))]
    for each in found if chosen.blueprint else ():
        parts += [
            f"{each.blueprint}, {each.settings.suffix}\n",
            table(tables.BOUNDS, tables.bounds(each)),
            table(tables.FITS, tables.fits(each)),
            table(tables.GROWTH, tables.growth(each)),
            table(tables.QUOTAS, tables.quotas(each)),
        ]
    return "\n".join([*parts, table(tables.ASSUMPTIONS, tables.assumptions(assumptions))])


def _shares(pairs: Sequence[str]) -> dict[str, float]:
    shares = {}
    for pair in pairs:
        name, _, percent = pair.partition("=")
        try:
            shares[name] = float(percent) / 100
        except ValueError:
            raise SettingsError("shares", [f"{pair}: must be NAME=PERCENT"]) from None
    return shares


if __name__ == "__main__":
    sys.exit(main())
