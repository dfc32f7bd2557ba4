"""The tables of docs/capacity.md: those parts of the page that follow from settings, assumptions and limits."""

from __future__ import annotations

import re
from typing import get_args

from lib.capacity import tables
from lib.capacity.assumptions import Assumptions
from lib.capacity.limits import all_limits
from lib.capacity.report import Report, reports
from lib.settings import Tier
from lib.settings.layers import built_in_blueprints

_BLOCK = re.compile(r"(<!-- begin (\w+): [^\n]*-->\n).*?(<!-- end \2 -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """The page with its tables written anew. KeyError for a table that nobody writes."""
    written = _written(reports(built_in_blueprints(), get_args(Tier), Assumptions()))
    return _BLOCK.sub(lambda block: f"{block[1]}\n{written[block[2]]}\n{block[3]}", text)


def _written(all_reports: list[Report]) -> dict[str, str]:
    """Name of each table -> what it is."""
    return {
        "summary": tables.markdown(tables.SUMMARY, tables.summary(all_reports)),
        "details": "\n".join(_details(each) for each in all_reports if each.settings.tier == "prod"),
        "assumptions": tables.markdown(tables.ASSUMPTIONS, _in_code(tables.assumptions(Assumptions()))),
        "limits": tables.markdown(tables.LIMITS, _linked(tables.limits(all_limits()))),
    }


def _details(each: Report) -> str:
    """Quotas that a fresh account has enough of are left out."""
    lacking = [row for row in tables.quotas(each) if row[-1] != "yes"]
    parts = [
        f"### {each.blueprint} in prod\n",
        tables.markdown(tables.BOUNDS, tables.bounds(each)),
        tables.markdown(tables.FITS, tables.fits(each)),
        tables.markdown(tables.GROWTH, tables.growth(each)),
        tables.markdown(tables.QUOTAS, lacking) if lacking else "A fresh account's quotas are enough.\n",
    ]
    return "\n".join(parts)


def _in_code(rows: list[tables.Row]) -> list[tables.Row]:
    return [(f"`{first}`", *rest) for first, *rest in rows]


def _linked(rows: list[tables.Row]) -> list[tables.Row]:
    return [(*rest, f"[page]({page})") for *rest, page in rows]
