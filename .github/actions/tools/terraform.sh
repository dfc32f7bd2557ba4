#!/usr/bin/env bash
# Puts one release of Terraform first into the PATH of the steps that follow. What was fetched has to be what was reviewed:
# a hash that HashiCorp publishes beside the release would be no proof against another release.
# https://releases.hashicorp.com/terraform/1.11.4/terraform_1.11.4_SHA256SUMS
set -euo pipefail
version=1.11.4
sha256=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc
folder=${RUNNER_TEMP:?is the folder that a runner gives}/terraform-$version
archive=$folder/terraform.zip

mkdir -p "$folder"
curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$archive" \
  "https://releases.hashicorp.com/terraform/$version/terraform_${version}_linux_amd64.zip"
echo "$sha256  $archive" | sha256sum --check --quiet
unzip -q -o "$archive" terraform -d "$folder"
rm "$archive"
echo "$folder" >>"${GITHUB_PATH:?is the file that a runner reads}"
"$folder/terraform" version
