"""The checks of every part of the platform, one module a part."""
