"""The function that takes financial transactions."""
