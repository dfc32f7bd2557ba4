"""Deployments and their end: what is to happen is shown, only that is done, and what came of it is told."""
