"""What is read from the bindings: from a module as they write it, and from those that are installed."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path

import pytest

from localaws.provider import bindings, handmade, schema
from localaws.provider.backend import Category
from localaws.provider.block import Attribute, CollectionType, NestedBlock, ObjectType
from localaws.provider.replacement import ARGUMENTS

MODULE = """\
import * as cdktf from 'cdktf';

export interface ThingConfig extends cdktf.TerraformMetaArguments {
  /**
  * Docs at Terraform Registry: {@link https://registry/docs/resources/thing#name Thing#name}
  */
  readonly name: string;
  /**
  * rule block
  *
  * Docs at Terraform Registry: {@link https://registry/docs/resources/thing#rule Thing#rule}
  */
  readonly rule?: ThingRule[] | cdktf.IResolvable;
}
export interface ThingRule {
  /**
  * Docs at Terraform Registry: {@link https://registry/docs/resources/thing#port Thing#port}
  */
  readonly port: number;
}

export function thingRuleToHclTerraform(struct?: ThingRule | cdktf.IResolvable): any {
  const attrs = {
    port: {
      value: cdktf.numberToHclTerraform(struct!.port),
      isBlock: false,
      type: "simple",
      storageClassType: "number",
    },
  };
}

export class ThingRuleOutputReference extends cdktf.ComplexObject {

  // port - computed: false, optional: false, required: true
  private _port?: number;
  public get port() {
    return this.getNumberAttribute('port');
  }
}

export class ThingRuleList extends cdktf.ComplexList {
}

export class Thing extends cdktf.TerraformResource {

  // ==========
  // ATTRIBUTES
  // ==========

  // arn - computed: true, optional: false, required: false
  public get arn() {
    return this.getStringAttribute('arn');
  }

  // name - computed: false, optional: false, required: true
  private _name?: string;
  public get name() {
    return this.getStringAttribute('name');
  }

  // zones - computed: true, optional: false, required: false
  public get zones() {
    return cdktf.Fn.tolist(this.getListAttribute('zones'));
  }

  // rule - computed: false, optional: true, required: false
  private _rule = new ThingRuleList(this, "rule", true);

  // =========
  // SYNTHESIS
  // =========

  constructor() {
    super({ terraformResourceType: 'aws_thing', providerVersion: '9.8.7' });
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      name: {
        value: cdktf.stringToHclTerraform(this._name),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      rule: {
        value: cdktf.listMapperHcl(thingRuleToHclTerraform, true)(this._rule.internalValue),
        isBlock: true,
        type: "set",
        storageClassType: "ThingRuleList",
      },
    };
  }
}
"""


def archive(path: Path, text: str) -> Path:
    source_map = base64.b64encode(json.dumps({"sourcesContent": [text]}).encode())
    javascript = b"exports.x = 1;\n//# sourceMappingURL=data:application/json;base64," + source_map
    with tarfile.open(path, "w:gz") as tar:
        member = tarfile.TarInfo("package/lib/thing/index.js")
        member.size = len(javascript)
        tar.addfile(member, io.BytesIO(javascript))
    return path


@pytest.fixture(name="thing")
def _thing(tmp_path: Path) -> bindings.Found:
    (found,) = bindings.read(archive(tmp_path / "bindings.tgz", MODULE)).found
    return found


def test_a_module_says_what_it_is(thing: bindings.Found) -> None:
    assert (thing.kind, thing.name) == ("resource", "aws_thing")


def test_a_module_says_the_providers_version(tmp_path: Path) -> None:
    assert bindings.read(archive(tmp_path / "bindings.tgz", MODULE)).provider_version == "9.8.7"


def test_the_attributes_are_those_with_flags(thing: bindings.Found) -> None:
    assert thing.block.attributes == {
        "arn": Attribute("string", computed=True),
        "name": Attribute("string", required=True),
        "zones": Attribute(CollectionType("set", "string"), computed=True),
    }


def test_a_struct_that_is_documented_as_a_block_is_one(thing: bindings.Found) -> None:
    (nested,) = thing.block.blocks.values()
    assert nested == NestedBlock("set", type(thing.block)({"port": Attribute("number", required=True)}))


def test_a_struct_that_is_not_documented_as_a_block_is_an_attribute_of_objects(tmp_path: Path) -> None:
    text = MODULE.replace("  * rule block\n  *\n", "")
    (found,) = bindings.read(archive(tmp_path / "bindings.tgz", text)).found
    assert found.block.attributes["rule"].type == CollectionType("set", ObjectType({"port": "number"}))


def test_a_write_only_argument_is_told_by_its_name(tmp_path: Path) -> None:
    text = MODULE.replace("name - ", "name_wo - ").replace("      name: {", "      name_wo: {")
    (found,) = bindings.read(archive(tmp_path / "bindings.tgz", text)).found
    assert found.block.attributes["name_wo"].write_only


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("export class Thing extends", "export class Thing without"),
        ("  // name - computed", "  // nome - computed"),
        ("thingRuleToHclTerraform(struct", "thingRoleToHclTerraform(struct"),
        ("return this.getStringAttribute('arn')", "return 'arn'"),
        ("ThingRuleList extends cdktf.ComplexList", "ThingRuleList extends cdktf.ComplexThing"),
        ("providerVersion", "providersVersion"),
    ],
)
def test_bindings_that_are_written_otherwise_are_refused_rather_than_read_wrong(
    tmp_path: Path, old: str, new: str
) -> None:
    assert old in MODULE
    with pytest.raises(bindings.UnreadableBindingsError):
        bindings.read(archive(tmp_path / "bindings.tgz", MODULE.replace(old, new)))


PROVIDER = """\
export interface ThingsProviderConfig {
  /**
  * Docs at Terraform Registry: {@link https://registry/docs#realm ThingsProvider#realm}
  */
  readonly realm: string;
  /**
  * Docs at Terraform Registry: {@link https://registry/docs#zone ThingsProvider#zone}
  */
  readonly zone?: string;
}

export class ThingsProvider extends cdktf.TerraformProvider {

  constructor() {
    super({ terraformResourceType: 'things', providerVersion: '9.8.7' });
  }

  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      alias: {
        value: cdktf.stringToHclTerraform(this._alias),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      realm: {
        value: cdktf.stringToHclTerraform(this._realm),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      zone: {
        value: cdktf.stringToHclTerraform(this._zone),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
    };
  }
}
"""


def test_the_provider_block_has_no_flags_but_says_what_may_be_left_out(tmp_path: Path) -> None:
    (found,) = bindings.read(archive(tmp_path / "bindings.tgz", PROVIDER)).found
    assert found.block.attributes == {
        "realm": Attribute("string", required=True),
        "zone": Attribute("string", optional=True),
    }


def test_a_list_of_structs_that_wraps_a_set_is_one(installed: schema.Schema) -> None:
    type_ = installed.block("resource", "aws_acm_certificate").attributes["domain_validation_options"].type
    assert isinstance(type_, CollectionType)
    assert type_.kind == "set"


# --- The installed bindings


@pytest.mark.parametrize(("category", "count"), [("resource", 1581), ("data", 630), ("ephemeral", 6)])
def test_the_schema_has_every_kind(installed: schema.Schema, category: Category, count: int) -> None:
    assert len(installed.kinds(category)) == count


def test_the_schema_is_of_the_version_that_the_templates_ask_for(installed: schema.Schema) -> None:
    assert installed.provider_version == "6.25.0"


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("aws_vpc", "cidr_block", Attribute("string", optional=True, computed=True)),
        ("aws_vpc", "tags", Attribute(CollectionType("map", "string"), optional=True)),
        ("aws_subnet", "vpc_id", Attribute("string", required=True)),
        ("aws_security_group", "arn", Attribute("string", computed=True)),
        ("aws_lb", "security_groups", Attribute(CollectionType("set", "string"), optional=True, computed=True)),
        (
            "aws_secretsmanager_secret_version",
            "secret_string_wo",
            Attribute("string", optional=True, sensitive=True, write_only=True),
        ),
        (
            "aws_ebs_volume",
            "size",
            Attribute("number", optional=True, computed=True),
        ),
        (
            "aws_elasticache_serverless_cache",
            "endpoint",
            Attribute(CollectionType("list", ObjectType({"address": "string", "port": "number"})), computed=True),
        ),
    ],
)
def test_an_attribute_is_as_in_the_provider(
    installed: schema.Schema, kind: str, name: str, expected: Attribute
) -> None:
    assert installed.block("resource", kind).attributes[name] == expected


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("aws_lb_listener", "default_action", ("list", 1, 0)),
        ("aws_ecs_service", "load_balancer", ("set", 0, 0)),
        ("aws_ecs_service", "network_configuration", ("list", 0, 1)),
        ("aws_vpc", "timeouts", None),
        ("aws_lb", "timeouts", ("single", 0, 0)),
        ("aws_wafv2_web_acl", "default_action", ("list", 1, 1)),
    ],
)
def test_a_block_nests_as_in_the_provider(
    installed: schema.Schema, kind: str, name: str, expected: tuple[str, int, int] | None
) -> None:
    nested = installed.block("resource", kind).blocks.get(name)
    assert (nested and (nested.nesting, nested.min_items, nested.max_items)) == expected


def test_a_kind_that_the_provider_does_not_have_is_named(installed: schema.Schema) -> None:
    with pytest.raises(KeyError, match=r"6\.25\.0 of the provider has no resource aws_typo"):
        installed.block("resource", "aws_typo")


@pytest.mark.parametrize("kind", sorted(ARGUMENTS))
def test_what_forces_replacement_can_be_set(installed: schema.Schema, kind: str) -> None:
    block = installed.block("resource", kind)
    settable = {name for name, attribute in block.attributes.items() if attribute.settable} | set(block.blocks)
    assert ARGUMENTS[kind] - settable == frozenset()


# --- What is written by hand


def test_a_web_acl_may_name_rule_groups() -> None:
    assert "managed_rule_group_statement" in handmade.waf_statement("aws_wafv2_web_acl").blocks


def test_a_rule_group_may_not() -> None:
    assert "managed_rule_group_statement" not in handmade.waf_statement("aws_wafv2_rule_group").blocks


def test_and_nests_three_deep() -> None:
    block, depth = handmade.waf_statement("aws_wafv2_web_acl"), 1
    while "and_statement" in block.blocks:
        block, depth = block.blocks["and_statement"].block.blocks["statement"].block, depth + 1
    assert depth == 3


@pytest.mark.parametrize(
    ("category", "kind", "name", "nested", "expected"),
    [
        ("resource", "aws_db_instance", "password", False, True),
        ("resource", "aws_vpc", "password", False, False),
        ("resource", "aws_vpc", "password", True, True),
        ("data", "aws_ssm_parameter", "value", False, True),
        ("data", "aws_ssm_parameter", "name", False, False),
        ("provider", "aws", "secret_key", False, False),
    ],
)
def test_what_is_sensitive(category: str, kind: str, name: str, nested: bool, expected: bool) -> None:
    assert handmade.is_sensitive(category, kind, name, nested=nested) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("name:r", Attribute("string", required=True)),
        ("value:cs", Attribute("string", computed=True, sensitive=True)),
        ("codes:o:set(number)", Attribute(CollectionType("set", "number"), optional=True)),
    ],
)
def test_a_word_is_an_attribute(word: str, expected: Attribute) -> None:
    assert list(handmade.block(word).attributes.values()) == [expected]


@pytest.mark.parametrize("word", ["name:r:text", "name:r:list(text)"])
def test_a_word_with_another_type_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="not a type of Terraform"):
        handmade.block(word)
