"""The first boot of an instance: the script really run, with all it writes in a folder of the test's own."""

from __future__ import annotations

import configparser
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cdktf import TerraformLocal
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from lib import responder
from lib.components.user_data import (
    LOG_FILE,
    MAX_BYTES,
    agent_configuration,
    environment_file,
    user_data,
)
from lib.settings.compute import Fleet
from tests.template import Template

AGENT = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
NASTY = {
    "BACKSLASHES": "\\ \\n \\\\ end\\",
    "DOLLARS": "$HOME ${HOME} $$ $(id) $${x}",
    "EMPTY": "",
    "LINES": "one\ntwo\\\nthree\n",
    "MARKS": "# ; = ! & | < > * ?",
    "QUOTES": "\"double\" 'single' `id`",
    "SPACES": "  before, after  ",
    "TABS": "\ta\tb",
    "TEMPLATE": "%{ if true }yes%{ endif }",
    "UMLAUTS": "Größe 1 €",
}
ALL_STORES = {
    f"{name}_{number}": f"${{TfToken[TOKEN.{number}]}}" for number, name in enumerate(["HOST", "PORT", "ARN"] * 3)
}
"""Variables as cache, database, a bucket and a table set them: references, each as long as it can be."""


def script(environment: Mapping[str, str] | None = None, **settings: Any) -> str:
    return user_data(
        Fleet(**settings),
        name="web",
        environment=environment or {"PORT": "8080", "SERVICE_NAME": "web"},
        group_name="shop-dev-web",
        log_group_name="/shop/dev/web/application",
    )


def from_terraform(text: str) -> str:
    """As Terraform hands it to EC2 when there is no reference in it."""
    return text.replace("$${", "${").replace("%%{", "%{")


class Boot(NamedTuple):
    """What a first boot left behind."""

    root: Path
    status: int
    output: str

    @property
    def calls(self) -> list[str]:
        """The commands of the operating system, in the order in which they were called."""
        return (self.root / "calls").read_text().splitlines()

    def written(self, path: str) -> str:
        return (self.root / path.removeprefix("/")).read_text()


def booted(root: Path, text: str, *, failing: str = "") -> Boot:
    """Runs the script with `root` for `/`, and with stubs that only note how they are called.

    failing: the command that does not succeed.
    """
    for path in ("/etc/", "/opt/", "/var/log/"):
        text = text.replace(path, f"{root}{path}")
    for command in ("bin/dnf", "bin/systemctl", "bin/sleep", AGENT.removeprefix("/")):
        stub = root / command
        stub.parent.mkdir(parents=True, exist_ok=True)
        name = stub.name
        stub.write_text(f'#!/bin/bash\necho "{name} $*" >> {root}/calls\nexit {int(name == failing)}\n')
        stub.chmod(0o755)
    (root / "var/log").mkdir(parents=True)
    (root / "user-data").write_text(text)
    result = subprocess.run(
        ["bash", str(root / "user-data")],
        env={"PATH": f"{root}/bin:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Boot(root, result.returncode, result.stdout + result.stderr)


def sourced(environment: str, folder: Path) -> dict[str, str]:
    """What a shell gets from an environment file."""
    file, report = folder / "application.env", "import json, os; print(json.dumps(dict(os.environ)))"
    file.write_text(f"{environment}\n")
    command = ["bash", "-c", f"set -a; . {file}; exec {sys.executable} -c '{report}'"]
    result = subprocess.run(command, env={}, capture_output=True, text=True, check=True)
    return dict(json.loads(result.stdout))


@pytest.fixture(scope="module")
def boot(tmp_path_factory: pytest.TempPathFactory) -> Boot:
    return booted(tmp_path_factory.mktemp("boot"), from_terraform(script()))


class TestScript:
    @pytest.mark.parametrize("own", [None, "echo started"])
    def test_is_one_that_bash_can_read(self, own: str | None) -> None:
        text = from_terraform(script(user_data=own))
        assert text.startswith("#!/bin/bash\n")
        result = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")

    def test_succeeds(self, boot: Boot) -> None:
        assert (boot.status, boot.output) == (0, "")

    def test_starts_the_application_before_it_installs_anything(self, boot: Boot) -> None:
        assert boot.calls == [
            "systemctl enable --now application.service",
            "dnf install -y amazon-cloudwatch-agent logrotate",
            "systemctl enable --now logrotate.timer",
            f"amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:{boot.root}/etc/application-watch.json",
        ]

    @pytest.mark.parametrize("failing", ["dnf", "amazon-cloudwatch-agent-ctl"])
    def test_tries_to_watch_again_and_serves_all_the_same(self, tmp_path: Path, failing: str) -> None:
        boot = booted(tmp_path, from_terraform(script(user_data="true")), failing=failing)
        assert boot.status == 0
        assert sum(call.startswith(failing) for call in boot.calls) == 5
        assert boot.calls.count("sleep 20") == 5
        assert "Attempt 5 to watch this instance failed." in boot.output

    def test_says_that_the_application_did_not_start(self, tmp_path: Path) -> None:
        assert booted(tmp_path, from_terraform(script()), failing="systemctl").status == 1

    def test_leaves_nothing_but_references_to_terraform(self) -> None:
        text = script({"PORT": "80", "TEXT": "${PORT} %{x}"}, user_data='echo "${PORT}" %{x}')
        assert text.count("${") == text.count("$${") == 3
        assert text.count("%{") == text.count("%%{") == 2

    def test_fills_in_references_when_terraform_knows_them(self) -> None:
        def add(scope: Construct) -> None:
            TerraformLocal(scope, "script", script({"HOST": SnsTopic(scope, "topic").arn, "PORT": "80"}))

        text = Template.of_components(add).document["locals"]["script"]
        assert '\nHOST="${aws_sns_topic.topic.arn}"\nPORT="80"\n' in text
        assert "TfToken" not in text


class TestEnvironment:
    def test_reaches_a_shell_unchanged_whatever_is_in_it(self, tmp_path: Path) -> None:
        found = sourced(from_terraform(environment_file(NASTY)), tmp_path)
        assert {variable: found.get(variable) for variable in NASTY} == NASTY

    def test_is_written_as_systemd_reads_it(self) -> None:
        # In double quotes a backslash goes with these four and no others; lines stay lines.
        assert environment_file({"B": 'a "b" \\ $c `d`\ne', "A": "1"}) == 'A="1"\nB="a \\"b\\" \\\\ \\$c \\`d\\`\ne"'

    def test_is_in_its_file(self, tmp_path: Path) -> None:
        boot = booted(tmp_path, from_terraform(script(NASTY)))
        assert boot.written("/etc/application.env") == from_terraform(environment_file(NASTY)) + "\n"
        assert boot.root.joinpath("etc/application.env").stat().st_mode & 0o777 == 0o644


class TestBuiltInApplication:
    def test_is_there_as_it_is(self, boot: Boot) -> None:
        assert boot.written("/opt/application/server.py") == f"{responder.PROGRAM}\n"

    def test_runs_without_rights_and_comes_back_when_it_ends(self, boot: Boot) -> None:
        assert unit(boot) == {
            "Unit": {
                "Description": "Application of web",
                "Wants": "network-online.target",
                "After": "network-online.target",
                "StartLimitIntervalSec": "0",
            },
            "Service": {
                "EnvironmentFile": f"{boot.root}/etc/application.env",
                "ExecStart": f"/usr/bin/python3 -u {boot.root}/opt/application/server.py",
                "DynamicUser": "yes",
                "Restart": "always",
                "RestartSec": "2",
                "StandardOutput": f"append:{boot.root}{LOG_FILE}",
            },
            "Install": {"WantedBy": "multi-user.target"},
        }

    def test_may_open_a_port_below_1024_and_only_then(self, tmp_path: Path) -> None:
        boots = {port: booted(tmp_path / str(port), from_terraform(script(port=port))) for port in (1023, 1024)}
        assert unit(boots[1023])["Service"]["AmbientCapabilities"] == "CAP_NET_BIND_SERVICE"
        assert "AmbientCapabilities" not in unit(boots[1024])["Service"]

    def test_answers_as_it_was_written_down(self, tmp_path: Path) -> None:
        port = free_port()
        environment = {
            "PORT": str(port),
            "SERVICE_NAME": "web",
            "EXPECTED_SECRETS": "DATABASE_SECRET_ARN",
            "DATABASE_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db",
            **NASTY,
        }
        boot = booted(tmp_path, from_terraform(script(environment, port=port)))
        with running(boot):
            assert ask(port, "/health") == {"service": "web", "path": "/health"}
            assert ask(port, "/ready") == {
                "ready": True,
                "stores": {},
                "secrets": {"DATABASE_SECRET_ARN": "by reference"},
            }


class TestOwnScript:
    def test_gets_the_variables_and_starts_before_anything_is_installed(self, tmp_path: Path) -> None:
        text = '#!/bin/bash\nprintf \'%s\' "$LINES_OF_TEXT" > "${0%/*}/seen"\ndnf install -y nginx'
        boot = booted(tmp_path, from_terraform(script({"LINES_OF_TEXT": NASTY["LINES"]}, user_data=text)))
        assert boot.written("/opt/application/seen") == NASTY["LINES"]
        assert boot.calls[:2] == ["dnf install -y nginx", "dnf install -y amazon-cloudwatch-agent logrotate"]

    def test_is_there_as_it_is(self, tmp_path: Path) -> None:
        text = "\n".join(["echo \\\\ \"'` # ${PORT} %{x}", "END_OF_FILE", "END_OF_FILE_", "true"])
        boot = booted(tmp_path, from_terraform(script(user_data=text)))
        assert boot.written("/opt/application/start") == f"{text}\n"
        assert boot.root.joinpath("opt/application/start").stat().st_mode & 0o777 == 0o755

    def test_may_be_of_any_language(self, tmp_path: Path) -> None:
        text = f"#!{sys.executable}\nimport os\nprint('port', os.environ['PORT'])"
        assert booted(tmp_path, from_terraform(script(user_data=text))).output == "port 8080\n"

    def test_keeps_its_variables_to_itself(self, tmp_path: Path) -> None:
        boot = booted(tmp_path, from_terraform(script({"PATH": "/nowhere"}, user_data="true")))
        assert boot.status == 0
        assert len(boot.calls) == 3

    def test_that_fails_is_told_and_watched_all_the_same(self, tmp_path: Path) -> None:
        boot = booted(tmp_path, from_terraform(script(user_data="exit 7")))
        assert boot.status == 7
        assert boot.calls[-1].startswith("amazon-cloudwatch-agent-ctl -a fetch-config")

    def test_takes_the_place_of_the_built_in_application(self, tmp_path: Path) -> None:
        boot = booted(tmp_path, from_terraform(script(user_data="true")))
        assert "systemctl enable --now application.service" not in boot.calls
        assert not (boot.root / "opt/application/server.py").exists()
        assert not (boot.root / "etc/systemd").exists()


class TestWatching:
    def test_agent_reports_memory_disk_and_logs(self) -> None:
        group = {"AutoScalingGroupName": "shop-dev-web"}
        assert agent_configuration("shop-dev-web", "/shop/dev/web/application") == {
            "metrics": {
                "namespace": "CWAgent",
                "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
                "aggregation_dimensions": [["AutoScalingGroupName"]],
                "metrics_collected": {
                    "mem": {"measurement": ["mem_used_percent"], "append_dimensions": group},
                    "disk": {"measurement": ["used_percent"], "resources": ["/"], "append_dimensions": group},
                },
            },
            "logs": {
                "logs_collected": {
                    "files": {
                        "collect_list": [
                            {
                                "file_path": "/var/log/application.log",
                                "log_group_name": "/shop/dev/web/application",
                                "log_stream_name": "{instance_id}/application",
                            },
                            {
                                "file_path": "/var/log/cloud-init-output.log",
                                "log_group_name": "/shop/dev/web/application",
                                "log_stream_name": "{instance_id}/first-boot",
                            },
                        ]
                    }
                }
            },
        }

    def test_agent_finds_its_configuration(self, boot: Boot) -> None:
        text = json.dumps(agent_configuration("shop-dev-web", "/shop/dev/web/application"))
        expected = json.loads(text.replace("/var/log/", f"{boot.root}/var/log/"))
        assert json.loads(boot.written("/etc/application-watch.json")) == expected

    def test_log_does_not_grow_for_ever(self, boot: Boot) -> None:
        assert boot.written("/etc/logrotate.d/application").split() == [
            f"{boot.root}{LOG_FILE}",
            "{",
            *("daily", "rotate", "3", "compress", "copytruncate", "missingok", "notifempty"),
            "}",
        ]


class TestSize:
    def test_longest_script_with_all_stores_fits(self) -> None:
        text = script(ALL_STORES, user_data="a" * 12_000)
        assert len(text.encode()) + 160 * len(ALL_STORES) <= MAX_BYTES == 16_384

    def test_built_in_application_leaves_room_for_variables(self) -> None:
        script({**ALL_STORES, "TEXT": "a" * 4000})

    def test_to_the_last_byte(self) -> None:
        room = MAX_BYTES - len(script({"TEXT": ""}).encode())
        assert len(script({"TEXT": "a" * room}).encode()) == MAX_BYTES
        with pytest.raises(ValueError, match="user data of fleet web comes to 16,385 bytes"):
            script({"TEXT": "a" * (room + 1)})

    def test_counts_bytes_not_characters(self) -> None:
        with pytest.raises(ValueError, match="EC2 takes 16,384: shorten user_data or environment"):
            script(user_data="ü" * 12_000)

    def test_counts_what_references_may_come_to(self) -> None:
        with pytest.raises(ValueError, match="references counted with 160 each"):
            script({f"NAME_{number}": f"${{TfToken[TOKEN.{number}]}}" for number in range(60)})


def unit(boot: Boot) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read_string(boot.written("/etc/systemd/system/application.service"))
    return {section: dict(parser[section]) for section in parser.sections()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(boot: Boot) -> Iterator[None]:
    """The application, started from its unit as systemd would, but for the interpreter's path."""
    service = unit(boot)["Service"]
    _, *arguments = service["ExecStart"].split()
    command = " ".join(["exec", sys.executable, *arguments])
    process = subprocess.Popen(["bash", "-c", f"set -a; . {service['EnvironmentFile']}; {command}"], env={})
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


def ask(port: int, path: str) -> Any:
    for _ in range(100):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            try:
                connection.request("GET", path)
                response = connection.getresponse()
            except ConnectionRefusedError:
                time.sleep(0.05)
                continue
            assert response.status == 200
            return json.loads(response.read())
    raise AssertionError("the application does not listen")
