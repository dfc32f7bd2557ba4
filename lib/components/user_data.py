"""What an instance does at its first boot: it starts the application, then it begins to report on itself.

A shell script for cloud-init on Amazon Linux 2023. What the application writes to `LOG_FILE` goes to the fleet's log
group, whoever made the application.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cdktf import Token

from lib import responder
from lib.components.text import literal
from lib.settings.compute import Fleet as FleetSettings

ENVIRONMENT_FILE = "/etc/application.env"
"""The variables, for systemd and for a shell alike."""
LOG_FILE = "/var/log/application.log"

NAMESPACE = "CWAgent"
DIMENSION = "AutoScalingGroupName"
MEMORY_METRIC = "mem_used_percent"
DISK_METRIC = "disk_used_percent"

MAX_BYTES = 16 * 1024
"""Before it is encoded.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html"""

_REFERENCE = "${TfToken["
_LONGEST_REFERENCE = 160
"""Characters that what a reference stands for stays below: host names and ARNs of secrets are the longest."""

_PROGRAM_FILE = "/opt/application/server.py"
_SCRIPT_FILE = "/opt/application/start"
_UNIT_FILE = "/etc/systemd/system/application.service"
_AGENT_FILE = "/etc/application-watch.json"
_AGENT = "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
_FIRST_UNPRIVILEGED_PORT = 1024

_ROTATION = f"""\
{LOG_FILE} {{
  daily
  rotate 3
  compress
  copytruncate
  missingok
  notifempty
}}"""

# Last, and again for a while: what serves users does not wait for what watches it, nor fail with it. The packages come
# from Amazon Linux's own repository, which is a bucket of the region.
# https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html
_WATCHING = f"""\
for attempt in 1 2 3 4 5; do
  dnf install -y amazon-cloudwatch-agent logrotate &&
    systemctl enable --now logrotate.timer &&
    {_AGENT} -a fetch-config -m ec2 -s -c file:{_AGENT_FILE} &&
    break
  echo "Attempt $attempt to watch this instance failed." >&2
  sleep 20
done
exit "$started"
"""


def user_data(
    settings: FleetSettings, *, name: str, environment: Mapping[str, str], group_name: str, log_group_name: str
) -> str:
    """The script, in which nothing but the references in `environment` is Terraform's to replace.

    group_name: the Auto Scaling group, by which the metrics of all its instances are one.
    Raises ValueError when EC2 would not take it.
    """
    script = "\n".join(
        [
            "#!/bin/bash",
            f"# First boot of an instance of {name}. What it says is in /var/log/cloud-init-output.log.",
            _file(ENVIRONMENT_FILE, environment_file(environment)),
            _own_start(settings.user_data) if settings.user_data else _responder_start(settings, name),
            _file("/etc/logrotate.d/application", _ROTATION),
            _file(_AGENT_FILE, literal(json.dumps(agent_configuration(group_name, log_group_name)))),
            _WATCHING,
        ]
    )
    size = len(script.encode()) + script.count(_REFERENCE) * _LONGEST_REFERENCE
    if size > MAX_BYTES:
        raise ValueError(
            f"the user data of fleet {name} comes to {size:,} bytes, references counted with {_LONGEST_REFERENCE} each;"
            f" EC2 takes {MAX_BYTES:,}: shorten user_data or environment"
        )
    return script


def environment_file(environment: Mapping[str, str]) -> str:
    """A line a variable. In double quotes systemd and a shell read a value in the same way, lines and `$` included.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#EnvironmentFile=
    """
    return "\n".join(f'{variable}="{_escaped(environment[variable])}"' for variable in sorted(environment))


def agent_configuration(group_name: str, log_group_name: str) -> dict[str, Any]:
    """What the CloudWatch agent reports: memory and disk of each instance and of the group as one, and the logs.

    The group's name is written out rather than asked for by `${aws:AutoScalingGroupName}`, which the agent finds in a
    tag of the instance, later than its first metrics.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
    """
    group = {DIMENSION: group_name}
    logs = {LOG_FILE: "application", "/var/log/cloud-init-output.log": "first-boot"}
    return {
        "metrics": {
            "namespace": NAMESPACE,
            "append_dimensions": {"InstanceId": "${aws:InstanceId}"},
            "aggregation_dimensions": [[DIMENSION]],
            "metrics_collected": {
                "mem": {"measurement": [MEMORY_METRIC], "append_dimensions": group},
                # Becomes DISK_METRIC: the agent puts the plugin's name before.
                "disk": {"measurement": ["used_percent"], "resources": ["/"], "append_dimensions": group},
            },
        },
        "logs": {
            "logs_collected": {
                "files": {
                    "collect_list": [
                        {
                            "file_path": path,
                            "log_group_name": log_group_name,
                            "log_stream_name": f"{{instance_id}}/{stream}",
                        }
                        for path, stream in logs.items()
                    ]
                }
            }
        },
    }


def _escaped(value: str) -> str:
    """A reference stands for a name of AWS's making: none of these characters is in one."""
    return value if Token.is_unresolved(value) else literal(re.sub(r'(["\\$`])', r"\\\1", value))


def _file(path: str, content: str, mode: str = "644") -> str:
    """Writes a file; nothing in the content is the shell's to replace."""
    end = "END_OF_FILE"
    while end in content:
        end += "_"
    return f"install -D -m {mode} /dev/stdin {path} <<'{end}'\n{content}\n{end}"


def _own_start(script: str) -> str:
    """The script in a shell of its own: nothing that it does to its variables, or to itself, is felt here."""
    return f"""\
{_file(_SCRIPT_FILE, literal(script), mode="755")}
(set -a; . {ENVIRONMENT_FILE}; {_SCRIPT_FILE})
started=$?"""


def _responder_start(settings: FleetSettings, name: str) -> str:
    return f"""\
{_file(_PROGRAM_FILE, literal(responder.PROGRAM))}
{_file(_UNIT_FILE, _unit(settings, name))}
systemctl enable --now application.service
started=$?"""


def _unit(settings: FleetSettings, name: str) -> str:
    """The application as a user that exists only while it runs and may write nowhere; systemd opens the log for it.

    https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#DynamicUser=
    """
    rights = "\nAmbientCapabilities=CAP_NET_BIND_SERVICE" if settings.port < _FIRST_UNPRIVILEGED_PORT else ""
    return f"""\
[Unit]
Description=Application of {name}
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
EnvironmentFile={ENVIRONMENT_FILE}
ExecStart=/usr/bin/python3 -u {_PROGRAM_FILE}
DynamicUser=yes{rights}
Restart=always
RestartSec=2
StandardOutput=append:{LOG_FILE}

[Install]
WantedBy=multi-user.target"""
