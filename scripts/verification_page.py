"""Writes docs/verification.md anew."""

from lib.operations.verify.page import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
