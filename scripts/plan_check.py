"""Takes templates through Terraform core: init, validate, plan, apply, a second plan that must be empty, destroy.

Without a template: every blueprint in every tier, synthesized anew. With templates: those, as they are.

AWS is out of reach of all that. With a provider that answers by itself, a stand-in that TF_CLI_CONFIG_FILE names, every
step is taken; a real one is asked for init and validate.

Exit code: 0; 1 for findings; 2 for a template that cannot be used, no Terraform or no provider; 130 when interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lib.evidence.template import UnusableTemplate
from lib.evidence.terraform import STEPS, Lifecycle, Provider, Source, Terraform, UnusableError, terraform
from scripts.synth import runs, stacks

_INTERRUPTED = 130
_HEADING = "seconds of"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="plan-check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("templates", nargs="*", type=Path, metavar="TEMPLATE", help="a cdk.tf.json")
    try:
        return _check(parser.parse_args(arguments).templates)
    except (UnusableError, UnusableTemplate) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED


def _check(given: Sequence[Path]) -> int:
    start = time.monotonic()
    with terraform() as core:
        sources = {str(path): Source.of(path) for path in given} or _synthesized(core)
        width = max(len(name) for name in (_HEADING, *sources)) + 2
        providers = [core.provider(source.document) for source in sources.values()]
        print(_head(core.version, providers))
        print(f"{_HEADING:<{width}}" + "".join(f"{step:>12}" for step in STEPS) + f"{'objects':>12}{'left':>6}")
        found: list[str] = []
        for name, lifecycle in _lifecycles(core, sources):
            print(f"{name:<{width}}{_row(lifecycle)}", flush=True)
            found += [f"{name}: {step}: {problem}" for step, problem in lifecycle.problems]
    for finding in found:
        print(finding)
    findings, templates = _count(len(found), "finding"), _count(len(sources), "template")
    print(f"{findings} in {templates}, {time.monotonic() - start:.0f} s")
    return 1 if found else 0


def _synthesized(core: Terraform) -> dict[str, Source]:
    """Every blueprint in every tier. With the first is asked whether there is a provider for them."""
    sources: dict[str, Source] = {}
    for run in runs(stacks()):
        if run.exit_code:
            raise UnusableError(f"{run.stack.name}: no template:\n{run.errors.rstrip()}")
        sources[run.stack.name] = Source.of(run.stack.template)
        core.provider(sources[run.stack.name].document)
    return sources


def _lifecycles(core: Terraform, sources: dict[str, Source]) -> Iterator[tuple[str, Lifecycle]]:
    """As many at a time as there are processors, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from zip(sources, pool.map(core.lifecycle, sources.values()), strict=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            core.stop()
            raise


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _head(version: str, providers: Sequence[Provider]) -> str:
    versions = " and ".join(sorted({each.version for each in providers}))
    if all(each.answers for each in providers):
        said = ", which answers without AWS: nothing that is applied is real"
    else:
        said = ", which asks AWS, out of reach here on purpose: init and validate are all that it is asked"
    return f"Terraform {version}, provider hashicorp/aws {versions}{said}"


def _row(lifecycle: Lifecycle) -> str:
    taken = {step.name: f"{step.seconds:.1f}{'!' if step.problems else ''}" for step in lifecycle.steps}
    steps = "".join(f"{taken.get(step, '-'):>12}" for step in STEPS)
    objects, left = (lifecycle.objects, lifecycle.left) if STEPS[-1] in taken else ("-", "-")
    return f"{steps}{objects:>12}{left:>6}"


if __name__ == "__main__":
    sys.exit(main())
