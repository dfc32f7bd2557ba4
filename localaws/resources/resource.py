"""One object while something is done with it: its values, its entry in the table, and the calls made for it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from localaws.provider.block import Block, CollectionType
from localaws.provider.values import UNKNOWN
from localaws.resources.connection import Call, Connection, is_gone
from localaws.resources.entry import Entry, Further, Tagging
from localaws.resources.mapper import MISSING, Mapper, Request, attribute, is_unset, one
from localaws.resources.names import find
from localaws.resources.searching import search

PROVIDER_ONLY = frozenset(
    {
        "region",
        "tags",
        "tags_all",
        "timeouts",
        "id",
        "name_prefix",
        "bucket_prefix",
        "identifier_prefix",
        "apply_immediately",
        "force_destroy",
        "skip_destroy",
        "skip_final_snapshot",
        "final_snapshot_identifier",
        "delete_automated_backups",
        "recovery_window_in_days",
        "deletion_window_in_days",
        "allow_overwrite",
        "allow_major_version_upgrade",
        "force_new_deployment",
        "wait_for_steady_state",
        "wait_for_capacity_timeout",
        "min_elb_capacity",
        "secret_string_wo_version",
        "source_code_hash",
    }
)
"""Arguments that steer the provider itself and are in no call that creates: tags have calls of their own, the others
are about names, waiting and deleting."""

_WORD = re.compile(r"\{(\w[\w.]*)\}")
_TAG_MEMBERS = ("tags", "taglist", "tagset", "tagging", "resourcetags", "backupvaulttags", "backupplantags")
_MAP = CollectionType("map", "string")
_GENERATED = ("name", "bucket", "identifier", "cluster_identifier")


class Resource:
    def __init__(
        self,
        aws: Connection,
        kind: str,
        *,
        entry: Entry,
        tagging: Tagging,
        schema: Block,
        state: Mapping[str, Any],
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.aws, self.kind, self.entry, self.tagging, self.schema = aws, kind, entry, tagging, schema
        self.state: dict[str, Any] = dict(state)
        # Write-only arguments are in no state.
        secret = {name for name, each in schema.attributes.items() if each.write_only}
        given = {**state, **{name: value for name, value in (config or {}).items() if name in secret}}
        self.args = {name: value for name, value in given.items() if not is_unset(value)}
        self.written = set(self.args) if config is None else {n for n, v in config.items() if not is_unset(v)}
        """Arguments that the user wrote, as opposed to values that AWS chose."""
        region = state.get("region")
        self.region: str = region if isinstance(region, str) else aws.region
        self.mapper = Mapper(kind, entry.renames, entry.into)
        self.calls: list[Call] = []

    # ---- values

    @property
    def name(self) -> str:
        """What a user knows it by."""
        known = (self.args.get(each) for each in ("name", "id", "bucket", "identifier", *self._key().values()))
        return next((each for each in known if isinstance(each, str)), "")

    def get(self, name: str) -> Any:
        """An argument or attribute, by dotted path for a nested one; also `account`, `region`. None if not known."""
        if name not in self.args and name in ("account", "region"):
            return self.aws.account if name == "account" else self.region
        for values in (self.state, self.args):
            value: Any = values
            for step in name.split("."):
                value = one(value)
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is not None and value is not UNKNOWN:
                return value
        return None

    def text(self, template: str) -> str:
        return _WORD.sub(lambda word: str("" if self.get(word[1]) is None else self.get(word[1])), template)

    def fill(self, template: Any) -> Any:
        """A template with its values; MISSING for what refers to an argument that is not set."""
        if isinstance(template, Mapping):
            filled = {key: self.fill(each) for key, each in template.items()}
            return {key: each for key, each in filled.items() if each is not MISSING}
        if isinstance(template, list):
            return [each for each in map(self.fill, template) if each is not MISSING]
        words = words_of(template)
        if not words:
            return template
        values = {word: self.get(word) for word in words}
        if any(is_unset(value) for value in values.values()):
            return MISSING
        return next(iter(values.values())) if template == f"{{{words[0]}}}" else self.text(template)

    def _key(self) -> dict[str, str]:
        pairs = (item.partition("=") for item in self.entry.key.split())
        return {member: argument or member for member, _, argument in pairs}

    @property
    def key_arguments(self) -> list[str]:
        return list(self._key().values())

    @property
    def key_values(self) -> list[Any]:
        return [self.get(each) for each in self._key().values()]

    def generate_names(self) -> None:
        """The provider makes up a name where none is given."""
        for name in _GENERATED:
            schema = self.schema.attributes.get(name)
            if schema and schema.optional and self.state.get(name) is UNKNOWN:
                prefix = self.args.get(f"{name}_prefix") or self.args.get("identifier_prefix") or "terraform-"
                self.args[name] = self.state[name] = prefix + uuid.uuid4().hex[:20]

    @property
    def tags(self) -> dict[str, str]:
        return self.args.get("tags_all") or {} if "tags_all" in self.schema.attributes else {}

    # ---- calls

    def call(self, operation: str, params: Mapping[str, Any] | None = None, service: str | None = None) -> Any:
        answer, made = self.aws.call(service or self.entry.service, operation, params, self.region)
        self.calls.append(made)
        return answer

    def shape(self, operation: str) -> Any:
        return self.aws.shape(self.entry.service, operation)

    def key(self, operation: str) -> dict[str, Any]:
        """What names the object in `operation`."""
        shape, made = self.shape(operation), {}
        for name, source in self._key().items():
            member, value = self.mapper.member(shape, name), self.get(source)
            if member and value is not None:
                made[member] = self.mapper.convert(shape.members[member], value)
        if not made:
            raise ValueError(f"the table's entry of {self.kind}: {operation} has none of the key {self.entry.key!r}")
        return made

    def request(self, operation: str, only: Iterable[str] | None = None, adjust: bool = True) -> Request:
        """The input of `operation`, of all arguments or of `only` some."""
        shape = self.shape(operation)
        arguments = {
            name: value
            for name, value in self.args.items()
            if name not in PROVIDER_ONLY and self.is_settable(name) and (only is None or name in only)
        }
        request = self.mapper.request(shape, arguments)
        for path, value in self.entry.constants.items():
            steps = path.split(".")
            if steps[0] in shape.members:
                here = request.params
                for step in steps[:-1]:
                    here = here.setdefault(step, {})
                here.setdefault(steps[-1], value(self) if callable(value) else value)
        if operation == self.entry.create and self.tags and not self.tagging.after:
            self._tag_in(shape, request)
        if adjust and self.entry.adjust:
            self.entry.adjust(self, request)
        return request

    def _tag_in(self, shape: Any, request: Request) -> None:
        member = next((each for each in shape.members if each.lower() in _TAG_MEMBERS), None)
        if member:
            request.params[member] = self.mapper.convert(shape.members[member], self.tags)

    def is_settable(self, name: str) -> bool:
        return name in self.schema.blocks or self.schema.attributes[name].settable

    def further(self, each: Further) -> None:
        """One of the entry's further calls, its template filled and brought into the operation's form."""
        mapper, shape = Mapper(self.kind), self.shape(each.operation)
        params = {}
        for member, value in self.fill(each.params).items():
            params[member] = mapper.convert(shape.members[member], value)
        self.call(each.operation, params)

    # ---- what AWS shows

    def look(self) -> Any:
        """The object as AWS shows it, None when it is gone."""
        try:
            found = self._ask(self.entry.read)
            if not found:
                return None
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        for also in self.entry.also:
            more = self._ask(also)
            if isinstance(found, dict) and isinstance(more, dict):
                found = {**found, **more}
        # The tags are asked for by ARN.
        self.take(found)
        return self._with_tags(found)

    def _ask(self, read: str | Callable[[Resource], Any] | None) -> Any:
        if read is None:
            return {"there": True}
        if callable(read):
            return read(self)
        operation, _, path = read.partition(":")
        found = self.call(operation, self.key(operation))
        if not path:
            return found
        return search(re.sub(r"\$(\w+)", lambda word: str(self.get(word[1])), path), found)

    def _with_tags(self, found: Any) -> Any:
        if "tags_all" not in self.schema.attributes or not isinstance(found, dict):
            return found
        names = ("Tags", "tags", "TagList", "TagSet")
        tags: Any
        if self.tagging.show is None:
            tags = next((found[each] for each in names if each in found), [])
        else:
            operation, _, path = self.tagging.show.partition(":")
            shape = self.shape(operation)
            # Of what is being imported only the key is known yet.
            self.take(found, [word for word in words_of(self.tagging.target) if is_unset(self.get(word))])
            target = self.fill(self.tagging.target)
            try:
                answer = self.call(operation, {find(shape.members, each) or each: v for each, v in target.items()})
            except ClientError as error:
                if error.response["Error"].get("Code") != "NoSuchTagSet":
                    raise
                answer = {}
            member = next((each for each in answer if each.lower() in _TAG_MEMBERS), "")
            tags = search(path, answer) if path else answer.get(member, [])
        if isinstance(tags, dict) and set(tags) <= {"Items", "Quantity"}:
            tags = tags.get("Items", [])
        shown = attribute(_MAP, tags or [])
        # What AWS sets by itself is not the user's to change.
        shown = {k: v for k, v in shown.items() if not k.startswith("aws:")} if shown is not MISSING else {}
        return {**{k: v for k, v in found.items() if k not in names}, "Tags": shown}

    def take(self, found: Any, also_known: Iterable[str] = ()) -> None:
        """Computed attributes that are not known yet, and those of `also_known`, from what AWS shows."""
        found = found if isinstance(found, dict) else {}
        for name, where in self.entry.computed.items():
            if self._wants(name, also_known):
                self._set(name, self._computed(where, found))
        for name, schema in self.schema.attributes.items():
            if schema.computed and self._wants(name, also_known) and name not in self.entry.computed:
                self._set(name, self.mapper.told(name, self.schema, found))

    def _wants(self, name: str, also_known: Iterable[str]) -> bool:
        return self.state.get(name) is UNKNOWN or name in also_known

    def _computed(self, where: str | Callable[[Resource, Any], Any], found: dict[str, Any]) -> Any:
        if callable(where):
            return where(self, found) if found else None
        if "{" in where and "[" not in where:
            return MISSING if any(self.get(word) is None for word in words_of(where)) else self.text(where)
        return search(where, found) if found else None

    def _set(self, name: str, value: Any) -> None:
        value = MISSING if value is MISSING else attribute(self.schema.attributes[name].type, value)
        if value is not MISSING and value != "":
            self.state[name] = value

    # ---- tags

    def put_tags(self) -> None:
        if self.tags:
            self._tag(self.tagging.put, self.tags)

    def change_tags(self, prior: Mapping[str, str]) -> None:
        if self.tagging.remove is None or self.tags:
            self._tag(self.tagging.put, self.tags)
        lost = [key for key in prior if key not in self.tags]
        if lost and self.tagging.remove:
            self._tag(self.tagging.remove, lost)

    def _tag(self, operation: str, tags: Mapping[str, str] | list[str]) -> None:
        shape = self.shape(operation)
        target = {find(shape.members, each) or each: v for each, v in self.fill(self.tagging.target).items()}
        member = next(
            each for each in shape.members if each.lower() in (*_TAG_MEMBERS, "tagkeys", "tagkeylist", "tags")
        )
        inner = shape.members[member]
        if inner.type_name == "structure":  # {"TagSet": […]}, {"Items": […]}
            (name, inner) = next(iter(inner.members.items()))
            value: Any = {name: self._tag_value(inner, tags)}
        else:
            value = self._tag_value(inner, tags)
        self.call(operation, {**target, member: value})

    def _tag_value(self, shape: Any, tags: Mapping[str, str] | list[str]) -> Any:
        if isinstance(tags, list) and shape.type_name == "list" and shape.member.type_name == "structure":
            return [{"Key": key} for key in tags]  # EC2's delete_tags
        return self.mapper.convert(shape, tags)


def words_of(template: Any) -> list[str]:
    """The arguments that a template refers to."""
    if isinstance(template, Mapping):
        return [word for each in template.values() for word in words_of(each)]
    if isinstance(template, list):
        return [word for each in template for word in words_of(each)]
    return _WORD.findall(template) if isinstance(template, str) else []
