"""Protection from deletion: the whole stack has it or nothing has, whichever its settings say."""

from __future__ import annotations

from collections.abc import Iterator

from lib.operations.deployment import Deployment
from lib.operations.verify.check import Unit
from lib.operations.verify.units import database, tables
from lib.operations.verify.words import expect_true

UNIT = Unit("protection", "Protection")


@UNIT.check("What holds the stack together is protected from deletion alike")
def alike(stack: Deployment) -> Iterator[str]:
    states = protected(stack)
    words = ", ".join(f"{what} {'protected' if is_protected else 'not'}" for what, is_protected in states.items())
    yield from expect_true(len(set(states.values())) == 1, words)


def protected(stack: Deployment) -> dict[str, bool]:
    """What can be protected from deletion -> whether it is."""
    found = {"load balancer": stack.load_balancer_attributes()["deletion_protection.enabled"] == "true"}
    if "database_arn" in stack:
        found["database"] = database.described(stack)["DeletionProtection"]
    for table in stack.all("table_names"):
        found[f"table {table}"] = tables.described(stack, table)["DeletionProtectionEnabled"]
    return found
