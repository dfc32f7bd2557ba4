"""Create, read, update and delete of one resource, each held to what AWS shows afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from localaws.provider.backend import Outcome, Refused
from localaws.provider.values import UNKNOWN
from localaws.resources.connection import is_gone, message
from localaws.resources.entry import Further
from localaws.resources.gate import Watch, drifted, forgotten, requests_made, watch, without_a_place
from localaws.resources.mapper import MISSING, Request, attribute, is_unset, one
from localaws.resources.names import find
from localaws.resources.resource import PROVIDER_ONLY, Resource, words_of
from localaws.resources.searching import search

Result = TypeVar("Result")
_IDENTITY = frozenset({"id", "arn", "name", "account", "region"})


class Life:
    def __init__(self, resource: Resource) -> None:
        self._of = resource
        self._exists = False
        self._seen: Watch = {}

    # ---- the four operations

    def create(self) -> Outcome:
        return self._guarded("creating", self._create)

    def read(self, seen: Watch | None) -> Outcome | None:
        return self._guarded("reading", lambda: self._read(seen))

    def update(self, prior: Mapping[str, Any]) -> Outcome:
        self._exists = True
        return self._guarded("updating", lambda: self._update(prior))

    def delete(self) -> None:
        self._guarded("deleting", self._delete)

    # ---- their steps

    def _create(self) -> Outcome:
        of = self._of
        of.generate_names()
        request = self._whole_request()
        self._refuse_what_has_no_place(request)
        create = of.entry.create
        answer = create(of) if callable(create) else of.call(create, request.params)
        self._exists = True
        self._take_answer(answer)
        self._further(None)
        if of.tagging.after:
            of.put_tags()
        return self._outcome(request)

    def _take_answer(self, answer: Any) -> None:
        of = self._of
        where = of.entry.id
        if of.state.get("id") is UNKNOWN:
            of.state["id"] = of.text(where) if "{" in where else str(search(where, answer))
        if isinstance(answer, dict):
            for inner in [*map(one, answer.values()), answer]:
                if isinstance(inner, dict):
                    of.take(inner)
        of.take({})

    def _read(self, seen: Watch | None) -> Outcome | None:
        of = self._of
        if seen is None:
            self._know_the_key()
        found = of.look()
        if found is None:
            return None
        if seen is None:
            return self._imported(found)
        of.take(found, of.entry.renews.split())
        state = drifted(of, seen, found) if isinstance(found, dict) else of.state
        return Outcome(state, {"watch": seen}, facts=self.facts)

    def _update(self, prior: Mapping[str, Any]) -> Outcome:
        of = self._of
        changed = {name for name, value in of.state.items() if _differs(value, prior.get(name))}
        told = changed - PROVIDER_ONLY
        self._refuse_what_has_no_place(self._whole_request())
        self._refuse_what_nothing_changes(told)
        update = of.entry.update
        if callable(update):
            if told - self._further_arguments():
                update(of, told)
        elif update:
            self._call_update(update, told)
        self._further(told)
        if "tags_all" in changed:
            of.change_tags(prior.get("tags_all") or {})
        for name in of.entry.renews.split():
            of.state[name] = UNKNOWN
        return self._outcome(self._whole_request(), whole=True)

    def _call_update(self, update: str, told: set[str]) -> None:
        of = self._of
        if update == of.entry.create:
            request = of.request(update)
            if told & set(request.placed):
                of.call(update, request.params)
            return
        # Told is what changed, and what the operation insists on.
        request = of.request(update, only=told)
        if told & set(request.placed):
            whole = of.request(update).params
            insisted = {name: whole[name] for name in of.shape(update).required_members if name in whole}
            # A structure is told as a whole: AWS may take what is left out of it for a default.
            params = {n: whole.get(n, v) if isinstance(v, dict) else v for n, v in request.params.items()}
            of.call(update, {**insisted, **params, **of.key(update)})

    def _delete(self) -> None:
        of = self._of
        delete = of.entry.delete
        try:
            if callable(delete):
                delete(of)
            elif delete:
                of.call(delete, {**of.entry.gone, **of.key(delete)})
        except ClientError as error:
            if not is_gone(error):
                raise

    # ---- what they share

    def _whole_request(self) -> Request:
        create = self._of.entry.create
        return Request() if callable(create) else self._of.request(create)

    def _further(self, changed: set[str] | None) -> None:
        """The entry's further calls; `changed` is None on create."""
        of = self._of
        identity = _IDENTITY | set(of.key_arguments)
        for each in of.entry.further:
            if changed is None and not each.on_create:
                continue
            if isinstance(each, Further):
                words = {word.split(".")[0] for word in words_of(each.params)} - identity
                if words & (set(of.args) if changed is None else changed):
                    of.further(each)
            else:
                given = set(each.arguments.split()) & (set(of.args) if changed is None else changed)
                if given:
                    each.code(of, given)

    def _further_arguments(self) -> set[str]:
        names: set[str] = set()
        for each in self._of.entry.further:
            if isinstance(each, Further):
                names |= {word.split(".")[0] for word in words_of(each.params)}
            else:
                names |= set(each.arguments.split())
        return names - _IDENTITY - set(self._of.key_arguments)

    def _refuse_what_has_no_place(self, request: Request) -> None:
        lost = without_a_place(self._of, request)
        if lost:
            raise ValueError(f"no call of the table's entry carries {', '.join(lost)}")

    def _refuse_what_nothing_changes(self, told: set[str]) -> None:
        of = self._of
        update = of.entry.update
        if callable(update):
            return
        carried = self._further_arguments()
        if update:
            carried |= set(of.request(update).placed)
            # An argument that was taken away is in no request; that it would be is known from its name.
            shape = of.shape(update)
            carried |= {name for name in told if is_unset(of.state.get(name)) and of.mapper.has_place(shape, name)}
        computed = {n for n in told if n in of.schema.attributes and not of.schema.attributes[n].settable}
        lost = sorted(told - carried - computed)
        if lost:
            raise ValueError(f"no call of the table's entry changes {', '.join(lost)}; the object is as it was")

    def _outcome(self, request: Request, whole: bool = False) -> Outcome:
        of = self._of
        found = of.look()
        if found is None:
            raise ValueError(f"AWS took it ({of.state.get('id')}) and does not show it")
        of.take(found)
        if isinstance(found, dict):
            self._seen = watch(of, request, found)
        requests = requests_made(of)
        if whole:  # what an update should have changed, whether a call told it or not
            requests = [*requests, request.params]
        lost = forgotten(of, requests, request, found)
        if lost:
            raise ValueError("AWS accepted and does not show: " + "; ".join(lost))
        return Outcome(of.state, {"watch": self._seen}, facts=self.facts)

    @property
    def facts(self) -> dict[str, Any]:
        calls = self._of.calls
        return {
            "calls": [f"{call.service}:{call.operation}" for call in calls],
            "seconds": round(sum(call.seconds for call in calls), 3),
        }

    # ---- import

    def _know_the_key(self) -> None:
        """Arguments out of the id: `role:name` is what the entry says of its id. What AWS finds by one name alone is
        imported by that, which need not be its id: a database by its identifier."""
        of = self._of
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(of.entry.id))
        match = re.fullmatch(pattern, str(of.state.get("id", "")))
        if "{" in of.entry.id and match:
            for name, value in match.groupdict().items():
                of.state[name] = of.args[name] = value
        if len(of.key_arguments) == 1 and is_unset(of.get(of.key_arguments[0])):
            (name,) = of.key_arguments
            of.state[name] = of.args[name] = of.state["id"]

    def _imported(self, found: Any) -> Outcome:
        of = self._of
        for name in of.schema.attributes:
            if is_unset(of.state.get(name)):
                told = self._told(name, found) if isinstance(found, dict) else MISSING
                of.state[name] = None if told is MISSING else told
        for name, block in of.schema.blocks.items():
            told = of.mapper.told(name, of.schema, found) if isinstance(found, dict) else MISSING
            of.state[name] = (None if block.nesting == "single" else []) if told is MISSING else told
        of.take(found, of.entry.computed)
        if "{" in of.entry.id:
            of.state["id"] = of.text(of.entry.id)
        if isinstance(found, dict) and "tags_all" in of.schema.attributes:
            of.state["tags_all"] = of.state["tags"] = found.get("Tags") or {}
        of.args = {name: value for name, value in of.state.items() if not is_unset(value)}
        seen = watch(of, self._whole_request(), found) if isinstance(found, dict) else {}
        return Outcome(of.state, {"watch": seen}, facts=self.facts)

    def _told(self, name: str, found: dict[str, Any]) -> Any:
        """What AWS shows of an argument, be it under another name than it is given by."""
        of = self._of
        told = of.mapper.told(name, of.schema, found)
        if told is not MISSING or not isinstance(of.entry.create, str):
            return told
        member = of.entry.renames.get(name) or find(of.shape(of.entry.create).members, name)
        path = of.entry.shown_as.get(member or "")
        return attribute(of.schema.attributes[name].type, search(path, found)) if path else MISSING

    # ---- errors

    def _guarded(self, doing: str, step: Callable[[], Result]) -> Result:
        """Every failure names the type, the object, the operation and what AWS said."""
        of = self._of
        try:
            return step()
        except Exception as error:
            summary = f"{doing} {of.kind} ({of.name})" if of.name else f"{doing} {of.kind}"
            kept = of.state if self._exists and doing == "creating" else None
            notes = {"watch": self._seen}
            raise Refused(summary, message(error), state=kept, notes=notes, facts=self.facts) from error


def _differs(new: Any, old: Any) -> bool:
    """Whether a value is another one, apart from what is not known yet."""
    if new is UNKNOWN:
        return False
    if isinstance(new, dict) and isinstance(old, dict):
        # A key of a map may be gone, such as a tag's.
        return any(_differs(new.get(key), old.get(key)) for key in {*new, *old})
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return any(map(_differs, new, old))
    return new != old and not (is_unset(new) and is_unset(old))
