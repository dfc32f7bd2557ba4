"""What the life of a Terraform resource is in AWS API calls; see localaws/README.md."""

from __future__ import annotations

from localaws.resources.backend import connect

__all__ = ["connect"]
