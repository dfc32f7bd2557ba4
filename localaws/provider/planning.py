"""What becomes of a resource: the part of a plan that the provider has to say, for Terraform cannot know it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from localaws.provider.block import Block
from localaws.provider.replacement import forces_replacement
from localaws.provider.values import UNKNOWN, Object, Value, in_each


@dataclass(frozen=True, slots=True)
class Settings:
    """What the provider block says of every resource."""

    region: str
    default_tags: Mapping[str, Value] = field(default_factory=dict)


class Plan(NamedTuple):
    planned: Object
    replaced_by: list[str]
    """The arguments whose change asks for a new object in place of this one."""


Renewed = Callable[[Collection[str]], Collection[str]]
"""The computed attributes that an update of these arguments gives another value."""


def plan_create(block: Block, proposed: Object, config: Object, settings: Settings) -> Object:
    """A new object: what is computed and not set is known after the apply."""
    return _with_unknowns(block, _decided(block, proposed, config, settings))


def plan_update(
    kind: str, block: Block, *, prior: Object, proposed: Object, config: Object, settings: Settings, renewed: Renewed
) -> Plan:
    """A change of an object, or none: what nobody changes keeps its value, also where that is null."""
    wanted = _settled(block, _decided(block, proposed, config, settings), prior)
    changed = {name for name in wanted if wanted[name] != prior.get(name)}
    if not changed:
        return Plan(prior, [])
    open_ = _with_unknowns(block, wanted)
    planned = {name: open_[name] if name in changed else prior.get(name) for name in wanted}
    planned.update(dict.fromkeys(renewed(changed), UNKNOWN))
    return Plan(planned, sorted(name for name in changed if forces_replacement(kind, name)))


def unconfigurable(block: Block, config: Object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where the configuration sets what is only computed: the provider refuses that, Terraform does not."""
    found: list[tuple[str | int, ...]] = [
        (*at, name)
        for name, attribute in block.attributes.items()
        if not attribute.settable and config.get(name) is not None
    ]
    for name, nested in block.blocks.items():
        value = config.get(name)
        if isinstance(value, dict) and nested.nesting == "single":
            found += unconfigurable(nested.block, value, (*at, name))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    # An element of a set has no place that a message could name.
                    step = (name, index) if nested.nesting == "list" else (name,)
                    found += unconfigurable(nested.block, item, (*at, *step))
    return found


def _decided(block: Block, proposed: Object, config: Object, settings: Settings) -> Object:
    """What the provider decides by itself while it plans."""
    decided = {**proposed, **{name: None for name, attribute in block.attributes.items() if attribute.write_only}}
    tags_all, region = block.attributes.get("tags_all"), block.attributes.get("region")
    if tags_all and tags_all.computed and config.get("tags_all") is None:
        decided["tags_all"] = _all_tags(settings.default_tags, decided.get("tags"))
    # Also of an object that was made in another region: it moves with the provider block.
    # https://github.com/hashicorp/terraform-provider-aws/blob/v6.25.0/website/docs/guides/enhanced-region-support.html.markdown
    if region and region.computed and config.get("region") is None:
        decided["region"] = settings.region
    return decided


def _all_tags(default_tags: Mapping[str, Value], tags: Value) -> Value:
    if tags is UNKNOWN:
        return UNKNOWN
    own = tags if isinstance(tags, dict) else {}
    return {**default_tags, **{key: value for key, value in own.items() if value is not None}}


def _with_unknowns(block: Block, value: Object) -> Object:
    opened = dict(value)
    for name, attribute in block.attributes.items():
        if attribute.write_only:
            opened[name] = None
        elif attribute.computed and opened.get(name) is None:
            opened[name] = UNKNOWN
    for name, nested in block.blocks.items():
        opened[name] = in_each(nested, opened.get(name), _with_unknowns)
    return opened


def _settled(block: Block, wanted: Object, prior: Object) -> Object:
    """`wanted`, where the element of a set that only lacks computed values is the prior one.

    Terraform proposes prior computed values for most elements of sets, not for those that have sets in them.
    """
    settled = dict(wanted)
    for name, nested in block.blocks.items():
        match nested.nesting, wanted.get(name), prior.get(name):
            case "set", list(new), list(old):
                settled[name] = _settled_set(nested.block, new, old)
            case "list", list(new), list(old):
                pairs = zip(new, [*old, *[None] * len(new)], strict=False)
                settled[name] = [_settled_item(nested.block, item, before) for item, before in pairs]
            case "single", dict(new), dict(old):
                settled[name] = _settled(nested.block, new, old)
    return settled


def _settled_item(block: Block, new: Value, old: Value) -> Value:
    return _settled(block, new, old) if isinstance(new, dict) and isinstance(old, dict) else new


def _settled_set(block: Block, new: list[Value], old: list[Value]) -> list[Value]:
    left, settled = list(old), []
    for item in new:
        before = next((each for each in left if _became(block, item, each)), None)
        if before is not None:
            left.remove(before)
        settled.append(item if before is None else before)
    # The order of a set means nothing, but equality is how a change is seen.
    return old if not left and len(new) == len(old) else settled


def _became(block: Block, new: Value, old: Value) -> bool:
    """Whether `old` is what `new` became earlier: equal, but for computed attributes that `new` leaves open."""
    if not isinstance(new, dict) or not isinstance(old, dict):
        return new == old
    return all(
        new.get(name) == old.get(name) or (attribute.computed and new.get(name) is None)
        for name, attribute in block.attributes.items()
    ) and all(
        _all_became(nested.block, nested.nesting == "set", new.get(name), old.get(name))
        for name, nested in block.blocks.items()
    )


def _all_became(block: Block, is_set: bool, new: Value, old: Value) -> bool:
    if not isinstance(new, list) or not isinstance(old, list):
        return _became(block, new, old)
    if is_set:
        return _settled_set(block, new, old) == old
    return len(new) == len(old) and all(_became(block, *pair) for pair in zip(new, old, strict=True))
