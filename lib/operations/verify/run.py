"""Runs checks side by side. Nothing that a check comes upon is raised: it is a problem of that check."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import Enum

from lib.operations.aws import POOL_SIZE, Refused
from lib.operations.deployment import Deployment
from lib.operations.verify.check import Check, DoesNotApply
from lib.operations.verify.registry import CHECKS, FIRST
from lib.operations.verify.words import Gone


class State(Enum):
    HOLDS = "holds"
    PROBLEM = "problem"
    NEEDS_AWS = "needs AWS"
    NOT_APPLICABLE = "not applicable"
    NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Outcome:
    """What came of a check."""

    check: Check
    state: State
    problems: tuple[str, ...] = ()
    reason: str = ""
    """Why nothing was asked, or nothing could be said."""
    refusals: tuple[Refused, ...] = ()
    """The calls that AWS did not answer, which are among the problems."""


def nobody_watches(_: Outcome) -> None:
    """What is told of an outcome where nobody waits for it."""


def verify(
    stack: Deployment, checks: Sequence[Check] = CHECKS, after: Callable[[Outcome], object] = nobody_watches
) -> list[Outcome]:
    """The outcome of each check, in their order. after: is told of each one as it comes."""
    first = [check for check in checks if check in FIRST]
    outcomes = {outcome.check.name: outcome for outcome in _side_by_side(stack, first, after)}
    others = [check for check in checks if check not in FIRST]
    if any(outcome.problems for outcome in outcomes.values()):
        reason = "the deployment is not where its outputs say"
        for check in others:
            outcomes[check.name] = Outcome(check, State.NOT_ASKED, reason=reason)
            after(outcomes[check.name])
    else:
        outcomes |= {outcome.check.name: outcome for outcome in _side_by_side(stack, others, after)}
    return [outcomes[check.name] for check in checks]


def outcome(stack: Deployment, check: Check) -> Outcome:
    """What comes of one check."""
    if reason := check.absence(stack):
        return Outcome(check, State.NOT_APPLICABLE, reason=reason)
    if check.needs_aws and stack.emulated:
        return Outcome(check, State.NEEDS_AWS, reason=check.needs_aws)
    problems: list[str] = []
    refusals: list[Refused] = []
    inapplicable: list[str] = []
    subjects = check.subjects(stack)
    for subject in subjects:
        said: list[str] = []
        try:
            # One by one: what was found before an answer failed is told.
            for sentence in check.find(stack, subject):
                said.append(sentence)
        except DoesNotApply as nothing:
            inapplicable.append(str(nothing))
        except Gone as error:
            said.append(str(error))
        except Refused as error:
            refusals.append(error)
            said.append(str(error))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            said.append(unreadable(error))
        problems += [f"{subject}: {sentence}" if subject else sentence for sentence in said]
    if problems:
        return Outcome(check, State.PROBLEM, tuple(problems), refusals=tuple(refusals))
    if inapplicable and len(inapplicable) == len(subjects):
        return Outcome(check, State.NOT_APPLICABLE, reason="; ".join(inapplicable))
    return Outcome(check, State.HOLDS)


def _side_by_side(stack: Deployment, checks: Sequence[Check], after: Callable[[Outcome], object]) -> Iterator[Outcome]:
    pool = ThreadPoolExecutor(POOL_SIZE)
    try:
        for future in as_completed([pool.submit(outcome, stack, check) for check in checks]):
            after(future.result())
            yield future.result()
    finally:
        # Whoever interrupts does not wait for answers that nobody reads.
        pool.shutdown(wait=False, cancel_futures=True)


def unreadable(error: Exception) -> str:
    """An answer without what it must have, which is no more right than one with something else."""
    match error:
        case KeyError():
            return f"an answer of AWS has no {error}"
        case IndexError():
            return "an answer of AWS is empty"
        case json.JSONDecodeError():
            return f"an answer is no JSON: {error}"
        case _:
            return f"an answer of AWS is not as expected: {error}"
