"""Checks of how the parts of a template stand to each other."""
