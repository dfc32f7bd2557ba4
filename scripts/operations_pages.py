"""Writes the pages of docs/ that come from the tables of lib/operations anew."""

from lib.operations.preflight import page as preflight
from lib.operations.verify import page as verification

if __name__ == "__main__":
    for each in (preflight, verification):
        each.PAGE.write_text(each.page(), encoding="utf-8")
