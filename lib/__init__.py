"""TapStack: one platform, and the settings that make systems of it."""

from lib import aws_bindings

# Here, because whichever part of lib is imported first, this runs before that part imports cdktf.
aws_bindings.activate()
