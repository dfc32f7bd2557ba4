"""Entry point of `cdktf synth` and `cdktf deploy`: environment -> TapStack -> template."""

from __future__ import annotations

import os
import re
import sys

from lib.app import new_app
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
    sys.exit(main())
