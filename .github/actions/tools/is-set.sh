#!/usr/bin/env bash
# Ends with 2, and the names of all that are missing, unless the variables are set without which nothing is asked of AWS:
# an empty one would mean a default, and another state.
set -euo pipefail
missing=()
for name in AWS_REGION AWS_ROLE ENVIRONMENT_SUFFIX TAP__PERMISSIONS_BOUNDARY TAP_BLUEPRINT TERRAFORM_STATE_BUCKET \
  TERRAFORM_STATE_BUCKET_REGION; do
  if [ -z "${!name:-}" ]; then
    missing+=("${name#TAP__}")
  fi
done
if [ "${#missing[@]}" -gt 0 ]; then
  echo "::error::variables of the environment ${GITHUB_ENVIRONMENT:-on GitHub} are not set: ${missing[*]} (docs/ci.md)"
  exit 2
fi
