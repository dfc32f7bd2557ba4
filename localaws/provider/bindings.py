"""The provider's schema, read from the installed CDKTF bindings.

The bindings carry, for every resource and data source, the TypeScript that was generated from the provider's own
schema, as an inline source map in the JavaScript of their jsii archive. Of that text this module reads:

- the comment above each field: `// arn - computed: true, optional: false, required: false`
- the `...ToHclTerraform` functions: type, and list or set, of what can be set
- the getters: type of what cannot
- the documentation of properties: `name block` tells a nested block from an attribute; `?:` an optional one
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Literal, NamedTuple

from localaws.provider import handmade
from localaws.provider.block import Attribute, Block, CollectionType, NestedBlock, Nesting, ObjectType, Primitive, Type

Kind = Literal["resource", "data", "provider"]

_SOURCE_MAP = b"//# sourceMappingURL=data:application/json;base64,"
_MODULE = re.compile(r"package/lib/([^/]+)/.+\.js")

_HEAD = re.compile(r"export (class|interface|function) (\w+)(?: extends cdktf\.(\w+))?")
_FIELD = re.compile(r"\n  // (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n")
_FIELDS_END = "\n  // ===="
_PROPERTY = re.compile(r"  /\*\*\n((?:  \*.*\n)+?)  \*/\n  readonly \w+(\??): ")
_DOCUMENTED = re.compile(r"#(\w+) \w+#\1\}")
_SETTABLE = re.compile(
    r'\n +(\w+): \{\n +value: (.*),\n +isBlock: \w+,\n +type: "(\w+)",\n +storageClassType: "(\w+)",'
)
_REFERENCE = re.compile(r'private _\w+ = new ([\w.]+)\(this, "\w+"(?:, (true|false))?\)')
_GETTER = re.compile(r"return (.*?)this\.(get\w+Attribute|interpolationForAttribute)\('")
_MAPPER = re.compile(r"(\w+)ToHclTerraform")
_RESOURCE_TYPE = re.compile(r"terraformResourceType: '(\w+)'")
_PROVIDER_VERSION = re.compile(r"providerVersion: '([\d.]+)'")

_KINDS: dict[str, Kind] = {
    "TerraformResource": "resource",
    "TerraformDataSource": "data",
    "TerraformProvider": "provider",
}
_PRIMITIVES: dict[str, Primitive] = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_OF_GETTER: dict[str, Type] = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getStringMapAttribute": CollectionType("map", "string"),
    "getNumberMapAttribute": CollectionType("map", "number"),
    "getBooleanMapAttribute": CollectionType("map", "bool"),
    "getAnyMapAttribute": CollectionType("map", "string"),
    "getListAttribute": CollectionType("list", "string"),
    "getNumberListAttribute": CollectionType("list", "number"),
    "interpolationForAttribute": "dynamic",
}
_OF_MAP_CLASS: dict[str, Type] = {
    "cdktf.StringMap": "string",
    "cdktf.NumberMap": "number",
    "cdktf.BooleanMap": "bool",
    "cdktf.AnyMap": "string",
}


class UnreadableBindingsError(Exception):
    """The bindings are not written as this module expects."""


class Found(NamedTuple):
    """One resource, data source, or the provider block."""

    kind: Kind
    name: str
    block: Block


class Read(NamedTuple):
    """What the bindings hold."""

    provider_version: str
    found: list[Found]


def read(archive: Path) -> Read:
    """Everything that the bindings know, by name."""
    sources = _sources(archive)
    version = next(filter(None, map(_PROVIDER_VERSION.search, sources.values())), None)
    if version is None:
        raise UnreadableBindingsError(f"{archive.name} names no version of the provider")
    return Read(version[1], [_Module(text).found() for _, text in sorted(sources.items())])


def _sources(archive: Path) -> dict[str, str]:
    """The TypeScript of each module. Large ones keep their structs in files beside their index.js."""
    texts: dict[str, list[str]] = {}
    # Opened whole: a stream of this size costs tarfile three times the time.
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive.read_bytes()))) as tar:
        for member in tar:
            module = _MODULE.fullmatch(member.name)
            file = tar.extractfile(member) if module else None
            if module is None or file is None:
                continue
            javascript = file.read()
            at = javascript.rfind(_SOURCE_MAP)
            if at >= 0:
                source_map = json.loads(base64.b64decode(javascript[at + len(_SOURCE_MAP) :].strip()))
                texts.setdefault(module[1], []).append(source_map["sourcesContent"][0])
    return {module: "\n".join(parts) for module, parts in texts.items()}


class _Class(NamedTuple):
    base: str
    body: str


class _Settable(NamedTuple):
    """How the bindings write a field into a configuration."""

    value: str
    """The expression: it names the struct's own function, and `listMapper` when there may be many."""
    type: str
    storage: str


class _Field(NamedTuple):
    name: str
    computed: bool
    optional: bool
    required: bool
    code: str


class _Shape(NamedTuple):
    """What a field holds: a type, or a struct that may repeat."""

    type: Type | None = None
    struct: str = ""
    nesting: Nesting = "single"
    once: bool = True


class _Module:
    """The TypeScript of one resource, data source, or the provider block, and of the structs in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.classes: dict[str, _Class] = {}
        self.interfaces: dict[str, str] = {}
        self.writers: dict[str, str] = {}
        self._nested: dict[str, Block] = {}
        for declaration in text.split("\n}\n"):
            self._take(declaration)
        lower = {name.lower(): name for name in self.interfaces}
        self.struct_names = {name: lower[name.lower()] for name in self.writers if name.lower() in lower}
        self.writers = {self.struct_names.get(name, name): body for name, body in self.writers.items()}

    def _take(self, declaration: str) -> None:
        at = declaration.rfind("\nexport ") + 1
        head = _HEAD.match(declaration, at)
        if head is None:
            return
        what, name, base = head.groups()
        body = "\n" + declaration[at:].partition("\n")[2] + "\n"
        if what == "class" and base:
            self.classes[name] = _Class(base, body)
        elif what == "interface":
            self.interfaces[name] = body
        elif what == "function" and name.endswith("ToHclTerraform"):
            self.writers[name.removesuffix("ToHclTerraform")] = body

    def found(self) -> Found:
        name, own = next(((n, c) for n, c in self.classes.items() if c.base in _KINDS), (None, None))
        named = _RESOURCE_TYPE.search(self.text)
        if name is None or own is None or named is None:
            raise UnreadableBindingsError("no resource, data source or provider in it")
        self.kind, self.name = _KINDS[own.base], named[1]
        block = self._block(own.body, own.body, self.interfaces.get(f"{name}Config", ""), top=True)
        if self.kind == "provider":
            # `alias` is Terraform's own.
            block = Block({n: a for n, a in block.attributes.items() if n != "alias"}, block.blocks)
        return Found(self.kind, self.name, block)

    def _struct(self, struct: str) -> Block:
        if struct not in self._nested:
            if struct not in self.writers or struct not in self.interfaces:
                raise UnreadableBindingsError(f"struct {struct} of {self.name} not found")
            output = self.classes.get(f"{struct}OutputReference", _Class("", ""))
            self._nested[struct] = self._block(output.body, self.writers[struct], self.interfaces[struct])
        return self._nested[struct]

    def _block(self, body: str, writer: str, interface: str, *, top: bool = False) -> Block:
        blocks, required = _documented(interface)
        settable = {name: _Settable(value, type_, store) for name, value, type_, store in _SETTABLE.findall(writer)}
        # The structs of the provider block have no class with fields.
        fields = _fields(body) or [_Field(n, False, n not in required, n in required, "") for n in settable]
        if missing := set(settable) - {field.name for field in fields}:
            raise UnreadableBindingsError(f"{self.name}: {', '.join(sorted(missing))} can be set and have no flags")
        attributes: dict[str, Attribute] = {}
        nested: dict[str, NestedBlock] = {}
        for field in fields:
            written = settable.get(field.name)
            if field.name == "statement" and field.name in blocks and written and written.storage == "any":
                statement = handmade.waf_statement(self.name)
                nested[field.name] = NestedBlock("list", statement, min_items=int(field.required), max_items=1)
                continue
            shape = self._shape(field, written)
            if shape.struct and field.name in blocks:
                limited = shape.once and shape.nesting in ("list", "set")
                nested[field.name] = NestedBlock(
                    shape.nesting, self._struct(shape.struct), min_items=int(field.required), max_items=int(limited)
                )
            else:
                attributes[field.name] = self._attribute(field, shape, top=top)
        return Block(attributes, nested)

    def _attribute(self, field: _Field, shape: _Shape, *, top: bool) -> Attribute:
        type_ = shape.type
        if type_ is None:
            object_ = _object_type(self._struct(shape.struct))
            type_ = object_ if shape.nesting == "single" else CollectionType(shape.nesting, object_)
        return Attribute(
            type_,
            required=field.required,
            optional=field.optional,
            computed=field.computed,
            sensitive=handmade.is_sensitive(self.kind, self.name, field.name, nested=not top),
            # The provider's own naming: https://developer.hashicorp.com/terraform/plugin/framework/resources/write-only-arguments
            write_only=field.name.endswith("_wo") and not field.computed,
        )

    def _shape(self, field: _Field, written: _Settable | None) -> _Shape:
        if reference := _REFERENCE.search(field.code):
            class_, wraps_set = reference.groups()
            if class_ in _OF_MAP_CLASS:
                return _Shape(CollectionType("map", _OF_MAP_CLASS[class_]))
            return self._shape_of_class(class_, "set" if wraps_set == "true" else "list", written)
        if written is None:
            return _Shape(_read_type(field))
        return self._shape_of_writer(written)

    def _shape_of_class(self, class_: str, nesting: Nesting, written: _Settable | None) -> _Shape:
        told = written.type if written else ""
        match self.classes[class_].base:
            case "ComplexList":
                return _Shape(None, class_.removesuffix("List"), _nesting(told) if told else nesting, once=False)
            case "ComplexMap":
                return _Shape(None, class_.removesuffix("Map"), "map", once=False)
            case "ComplexObject":
                return _Shape(None, class_.removesuffix("OutputReference"), _nesting(told or "struct"))
        raise UnreadableBindingsError(f"{self.name}: {class_} is neither a list, a map nor an object")

    def _shape_of_writer(self, written: _Settable) -> _Shape:
        mapper = _MAPPER.search(written.value)
        if mapper is None:
            raise UnreadableBindingsError(f"{self.name}: {written.value} names no function")
        struct = self.struct_names.get(mapper[1]) or self.struct_names.get(mapper[1][0].upper() + mapper[1][1:])
        if struct:
            once = "listMapper" not in written.value and written.type != "struct"
            return _Shape(None, struct, _nesting(written.type), once)
        if written.type == "simple":
            return _Shape(_PRIMITIVES[written.storage])
        return _Shape(_written_type(written))


def _documented(interface: str) -> tuple[set[str], set[str]]:
    """The properties that are nested blocks, and those that are required."""
    blocks, required = set(), set()
    for text, optional in _PROPERTY.findall(interface):
        named = _DOCUMENTED.search(text)
        if named is None:
            continue
        if text.startswith(f"  * {named[1]} block\n"):
            blocks.add(named[1])
        if not optional:
            required.add(named[1])
    return blocks, required


def _fields(body: str) -> list[_Field]:
    _, *parts = _FIELD.split(body)
    rows = zip(*[iter(parts)] * 5, strict=True)
    return [
        _Field(name, computed == "true", optional == "true", required == "true", code.partition(_FIELDS_END)[0])
        for name, computed, optional, required, code in rows
    ]


def _nesting(written: str) -> Nesting:
    match written:
        case "struct":
            return "single"
        case "list" | "set" | "map":
            return written
    raise UnreadableBindingsError(f"{written} is no way to nest")


def _read_type(field: _Field) -> Type:
    """The type of a field that can only be read."""
    getter = _GETTER.search(field.code)
    if getter is None:
        raise UnreadableBindingsError(f"{field.name} has no getter")
    type_ = _OF_GETTER[getter[2]]
    if "tolist" in getter[1] and isinstance(type_, CollectionType):
        return CollectionType("set", type_.element)
    return type_


def _written_type(written: _Settable) -> Type:
    """The type of a collection: its storage reads `stringListList`, outermost last, and `type` is the outermost."""
    inner, kinds = written.storage, []
    while suffix := next((s for s in ("List", "Map") if inner.endswith(s)), None):
        inner = inner.removesuffix(suffix)
        kinds.append(suffix.lower())
    kinds[0] = written.type
    type_: Type = _PRIMITIVES[inner]
    for kind in reversed(kinds):
        type_ = CollectionType(_collection(kind), type_)
    return type_


def _collection(kind: str) -> Literal["list", "set", "map"]:
    match kind:
        case "list" | "set" | "map":
            return kind
    raise UnreadableBindingsError(f"{kind} is no collection")


def _object_type(block: Block) -> ObjectType:
    fields: dict[str, Type] = {name: attribute.type for name, attribute in block.attributes.items()}
    for name, nested in block.blocks.items():
        inner = _object_type(nested.block)
        fields[name] = inner if nested.nesting == "single" else CollectionType(nested.nesting, inner)
    return ObjectType(fields)
