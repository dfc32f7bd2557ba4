"""Arguments that mean the same in every type: tags, the region, and what is Terraform's own."""

from __future__ import annotations

from lib.evidence.values import schemas
from lib.evidence.values.rule import Rule, boolean, matching, one_of, sized

_TAGGING = "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"
_META = "https://developer.hashicorp.com/terraform/language/meta-arguments"


TAG = (sized(0, 256, _TAGGING), matching(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _TAGGING))
"""What the value of a tag may be, in any service."""
TAG_NAME = (sized(1, 128, _TAGGING), matching(r"(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*", _TAGGING))
"""What a tag may be called; those with `aws:` are AWS's own."""

ARGUMENTS: dict[str, tuple[Rule, ...]] = {
    "default_tags.tags.*": TAG,
    "tags.*": TAG,
    "tag_specifications.tags.*": TAG,
    "region": (one_of(*schemas.regions(), source="cfn-lint schemas/providers", check="regions"),),
    "depends_on": (matching(r"(?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*", _META, check="meta_arguments"),),
    "lifecycle.create_before_destroy": (boolean(_META),),
    "lifecycle.prevent_destroy": (boolean(_META),),
    "lifecycle.ignore_changes": (matching(r"[a-z][a-z0-9_]*(?:[.\[].*)?", _META, check="meta_arguments"),),
    # Terraform wants sentences, and tells so of none that is empty.
    "lifecycle.postcondition.error_message": (matching(r"[A-Z][\s\S]*[.?!]", _META, check="meta_arguments"),),
    "lifecycle.precondition.error_message": (matching(r"[A-Z][\s\S]*[.?!]", _META, check="meta_arguments"),),
    "timeouts.*": (
        matching(r"(?:\d+h)?(?:\d+m)?(?:\d+s)?(?<=.)", "https://pkg.go.dev/time#ParseDuration", check="schedules"),
    ),
}
"""Argument -> rules, whatever the type."""
