"""Nothing is faked in silence: an argument that no call carries, and one that AWS accepted and does not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.resources.comparing import NOTHING, Lack, at_path, canonical, digest, lacking
from localaws.resources.entry import Further, FurtherCode
from localaws.resources.mapper import MISSING, Path, Request, attribute, is_unset
from localaws.resources.resource import PROVIDER_ONLY, Resource, words_of
from localaws.resources.reviewed import REVIEWED

_UNDOING = (
    "cancel_",
    "delete_",
    "deregister_",
    "detach_",
    "disable_",
    "disassociate_",
    "remove_",
    "reset_",
    "revoke_",
    "untag_",
)
_HOW_NOT_WHAT = frozenset({"AllowMajorVersionUpgrade", "ApplyImmediately", "IfMatch", "LockToken"})
"""Members that say how a change is made, or that nobody made one since: no object has them."""
_SHOWN_WIDTH = 200
_TAG_MEMBERS = ("tags", "taglist", "tagset", "tagging", "tagspecifications", "backupvaulttags", "backupplantags")


def watched_paths(resource: Resource, request: Request) -> dict[str, list[Path]]:
    """Argument -> where AWS shows what it was set to."""
    paths = {name: list(at) for name, at in request.placed.items()}
    for each in resource.entry.further:
        if isinstance(each, Further):
            for word, path in _words_with_paths(each.params):
                if word in resource.args or "." in word:
                    paths.setdefault(word.split(".")[0], []).append(path)
    for name, where in resource.entry.code_takes.items():
        if where:
            paths[name] = [tuple(where.split("."))]
    return {name: at for name, at in paths.items() if name in resource.args}


def _words_with_paths(template: Any, path: Path = ()) -> Iterator[tuple[str, Path]]:
    if isinstance(template, Mapping):
        for key, each in _one_attribute(template).items():
            yield from _words_with_paths(each, (*path, key))
    else:
        for word in words_of(template):
            yield word, path


def without_a_place(resource: Resource, request: Request) -> list[str]:
    """Arguments, and nested ones by dotted path, that are set and that no call of the entry carries."""
    entry = resource.entry
    words = {word for each in entry.further if isinstance(each, Further) for word in words_of(each.params)}
    taken = set(PROVIDER_ONLY) | set(entry.code_takes) | set(resource.key_arguments)
    for each in entry.further:
        if isinstance(each, FurtherCode):
            taken |= set(each.arguments.split())
    lost = [path for path in request.homeless if "." in path and path not in words]
    for name, value in resource.args.items():
        if name in taken or name in request.placed or name not in resource.written or not resource.is_settable(name):
            continue
        lost += [leaf for leaf in _leaves(name, value) if not _is_among(leaf, words)]
    return sorted(set(lost) - {path for path in lost if path.split(".")[0] in taken})


def _leaves(path: str, value: Any) -> Iterator[str]:
    objects = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    if not objects or not all(isinstance(each, Mapping) for each in objects):
        yield path
        return
    for each in objects:
        for name, inner in each.items():
            if not is_unset(inner):
                yield from _leaves(f"{path}.{name}", inner)


def _is_among(leaf: str, words: set[str]) -> bool:
    steps = leaf.split(".")
    return any(".".join(steps[:end]) in words for end in range(1, len(steps) + 1))


def forgotten(resource: Resource, requests: list[Mapping[str, Any]], request: Request, found: Any) -> list[str]:
    """What was asked for and is not shown, but for what REVIEWED says why."""
    if not isinstance(found, Mapping):
        return []
    lost = [each for params in requests for each in _not_shown(resource, params, found)]
    if "tags_all" in resource.schema.attributes and canonical(found.get("Tags") or {}) != resource.tags:
        lost.append(Lack(("Tags",), resource.tags, found.get("Tags")))
    reasons = REVIEWED.get(resource.kind, {})
    names = {path: name for name, paths in watched_paths(resource, request).items() for path in paths}
    return sorted(
        {
            _sentence(path, asked, shown, names)
            for path, asked, shown in lost
            if not any(".".join(path[:end]) in reasons for end in range(1, len(path) + 1))
        }
    )


def _not_shown(resource: Resource, params: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Lack]:
    identity = {str(each) for each in (*resource.key_values, resource.state.get("id"), resource.state.get("arn"))}
    for member, value in params.items():
        if member.lower() in _TAG_MEMBERS and "tags_all" in resource.schema.attributes:
            continue
        into = resource.entry.into if member == resource.entry.into and member not in found else None
        if member in _HOW_NOT_WHAT:
            continue
        told = canonical(value)
        parts = {(member, name): each for name, each in told.items()} if into else {(member,): told}
        for path, asked in parts.items():
            shown = at_path(found, path[1:] if into else path, resource.entry.shown_as)
            # What names the object need not be repeated in it.
            if shown is MISSING and str(asked) in identity:
                continue
            if shown is MISSING:
                if asked not in NOTHING:
                    yield Lack(path, asked, MISSING)
            else:
                yield from lacking(asked, shown, path)


def _sentence(path: Path, asked: Any, shown: Any, names: Mapping[Path, str]) -> str:
    argument = next((names[path[:end]] for end in range(len(path), 0, -1) if path[:end] in names), "")
    there = "nothing" if shown is MISSING else str(shown)[:_SHOWN_WIDTH]
    member = ".".join(path)
    return f"{argument + ', ' if argument else ''}{member}: asked for {str(asked)[:_SHOWN_WIDTH]}, AWS shows {there}"


def requests_made(resource: Resource) -> list[Mapping[str, Any]]:
    """What AWS was told since the resource was taken up, but for what takes something away."""
    tagging = (resource.tagging.put, resource.tagging.remove)
    return [
        _one_attribute(call.params)
        for call in resource.calls
        if call.writes and not call.operation.startswith(_UNDOING) and call.operation not in tagging
    ]


def _one_attribute(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """SNS is told an attribute a call, by name and value, and shows them all in one map."""
    if not {"AttributeName", "AttributeValue"} <= set(params):
        return params
    rest = {name: each for name, each in params.items() if name not in ("AttributeName", "AttributeValue")}
    return {**rest, "Attributes": {params["AttributeName"]: params["AttributeValue"]}}


# ---- drift

Watch = dict[str, dict[str, Any]]
"""Argument -> where AWS shows it, and a digest of what it showed when it was set."""


def watch(resource: Resource, request: Request, found: Any) -> Watch:
    seen: Watch = {}
    for name, paths in watched_paths(resource, request).items():
        now = _digest(resource, paths, found)
        if now:
            seen[name] = {"at": [list(path) for path in paths], "digest": now}
    return seen


def _digest(resource: Resource, paths: list[Path], found: Any) -> str | None:
    shown = [_shown(resource, path, found) for path in paths]
    return None if all(each is MISSING for each in shown) else digest([None if s is MISSING else s for s in shown])


def _shown(resource: Resource, path: Path, found: Any) -> Any:
    if path[0] == resource.entry.into and path[0] not in found:
        path = path[1:]
    return at_path(found, path, resource.entry.shown_as)


def drifted(resource: Resource, seen: Watch, found: Any) -> dict[str, Any]:
    """The state, with what has changed since as it is now."""
    now = dict(resource.state)
    for name, each in seen.items():
        paths = [tuple(path) for path in each["at"]]
        if _digest(resource, paths, found) != each["digest"]:
            now[name] = _as_it_is(resource, name, paths, found)
    if "tags_all" in resource.schema.attributes:
        _drifted_tags(resource.tags, found.get("Tags") or {}, now)
    return now


def _as_it_is(resource: Resource, name: str, paths: list[Path], found: Any) -> Any:
    """Where its form cannot be told in Terraform's, it is shown as absent: a plan then sets it again, as a whole."""
    told: Any = MISSING
    if name in resource.schema.attributes and len(paths) == 1:
        shown = _shown(resource, paths[0], found)
        told = MISSING if shown is MISSING else attribute(resource.schema.attributes[name].type, shown)
    if told is MISSING:
        told = resource.mapper.told(name, resource.schema, found)
    if told is MISSING or told == resource.state.get(name):
        block = resource.schema.blocks.get(name)
        return [] if block and block.nesting != "single" else None
    return told


def _drifted_tags(before: Mapping[str, str], shown: Mapping[str, str], state: dict[str, Any]) -> None:
    if dict(shown) == dict(before):
        return
    state["tags_all"] = dict(shown)
    own = state.get("tags") or {}
    state["tags"] = {key: value for key, value in shown.items() if key in own or key not in before}
