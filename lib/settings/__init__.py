"""Typed, checked settings. Nothing in here imports cdktf or asks AWS."""

from lib.settings.errors import SettingsError
from lib.settings.loader import completed, load, resolve_region, tier_of
from lib.settings.model import Settings, Tier

__all__ = ["Settings", "SettingsError", "Tier", "completed", "load", "resolve_region", "tier_of"]
