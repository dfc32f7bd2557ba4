"""Entry point of `cdktf synth` and `cdktf deploy`: environment -> TapStack -> template."""

from __future__ import annotations

import gc
import os
import re
import sys

if __name__ == "__main__":
    # What a synthesis makes it keeps until it ends. Looking for what it does not takes a sixth of the time.
    gc.disable()

from lib.app import new_app  # Imported first: it starts Node, which loads while Python imports.
from lib.settings import SettingsError, load
from lib.tap_stack import TapStack


def main() -> int:
    """0, or 2 for settings or an output folder that cannot be used: all that is wrong is listed, nothing is written."""
    suffix = os.environ.get("ENVIRONMENT_SUFFIX") or "dev"
    # Nobody chooses these two for AWS's sake: `dependabot[bot]` would be refused as a tag's value.
    sources = {"Repository": os.environ.get("REPOSITORY"), "CommitAuthor": os.environ.get("COMMIT_AUTHOR")}
    tags = {key: re.sub(r"[^A-Za-z0-9_ .:/=+@-]", "-", value)[:256] for key, value in sources.items() if value}
    try:
        settings = load(suffix, aws_region=os.environ.get("AWS_REGION"))
        app = new_app()
    except (SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    TapStack(
        app,
        f"TapStack{suffix}",
        environment_suffix=suffix,
        state_bucket=os.environ.get("TERRAFORM_STATE_BUCKET"),
        state_bucket_region=os.environ.get("TERRAFORM_STATE_BUCKET_REGION"),
        aws_region=settings.region,
        default_tags={"tags": tags},
        settings=settings,
    )
    app.synth()
    return 0


if __name__ == "__main__":
    exit_code = main()
    gc.freeze()  # As it ends, Python looks all the same, but not at what is frozen.
    sys.exit(exit_code)
