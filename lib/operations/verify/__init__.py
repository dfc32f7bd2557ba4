"""Verification of a deployed stack: what must hold, asked of AWS, whoever or whatever deployed it."""
