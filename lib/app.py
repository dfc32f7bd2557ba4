"""The CDKTF application object, the same whoever starts it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lib import jsii_node

if TYPE_CHECKING:
    from cdktf import App

PROJECT_FOLDER = Path(__file__).parents[1]
DEFAULT_OUTDIR = "cdktf.out"

# Importing this is the first step of every synthesis.
jsii_node.start_early(PROJECT_FOLDER / "lib")


def new_app(outdir: str | None = None) -> App:
    """An application with the context of cdktf.json, which only the command line interface would read by itself.

    outdir: where synthesis writes; left out, CDKTF_OUTDIR or `cdktf.out`. It is made, as are the folders above it.
    """
    from cdktf import App

    context = json.loads((PROJECT_FOLDER / "cdktf.json").read_text())["context"]
    # Absolute, because Node keeps the working folder that it was started in.
    folder = Path(outdir or os.environ.get("CDKTF_OUTDIR") or DEFAULT_OUTDIR).resolve()
    # CDKTF makes this one where it is not there, and fails where another process is quicker.
    (folder / "stacks").mkdir(parents=True, exist_ok=True)
    # Traces would show where Node was, which is the same place for every line of Python.
    return App(context=context, outdir=str(folder), stack_traces=False)
