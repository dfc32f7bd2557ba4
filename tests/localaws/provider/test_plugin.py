"""The plugin as a process, started as Terraform starts it."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from cryptography import x509

from localaws.provider import mirror
from localaws.provider.plugin import COOKIE
from localaws.provider.protocol import pb

COMMAND = [sys.executable, "-m", "localaws.provider"]
AS_TERRAFORM = {**os.environ, COOKIE[0]: COOKIE[1]}


class Plugin:
    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            COMMAND, cwd=mirror.ROOT, env={**AS_TERRAFORM, **environment}, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.handshake = self.process.stdout.readline().strip().split("|")
        self.socket = Path(self.handshake[3])

    def call(self, method: str, request: bytes = b"") -> bytes:
        with grpc.insecure_channel(f"unix:{self.socket}", [("grpc.max_receive_message_length", -1)]) as channel:
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
            return call(request, timeout=10)


@pytest.fixture(name="plugin")
def _plugin() -> Iterator[Plugin]:
    plugin = Plugin(PLUGIN_CLIENT_CERT="")
    with plugin.process:
        yield plugin
        plugin.process.kill()


def test_started_by_hand_it_says_what_it_is() -> None:
    done = subprocess.run(COMMAND, cwd=mirror.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, "plugin of Terraform" in done.stderr) == (1, True)


def test_its_first_line_says_where_it_listens_and_that_it_speaks_protocol_6(plugin: Plugin) -> None:
    assert (plugin.handshake[:3], plugin.handshake[4:]) == (["1", "6", "unix"], ["grpc"])


def test_nobody_else_can_reach_its_socket(plugin: Plugin) -> None:
    assert plugin.socket.parent.stat().st_mode & 0o777 == 0o700


def test_it_answers(plugin: Plugin) -> None:
    answer = pb.GetProviderSchema.Response.FromString(plugin.call("/tfplugin6.Provider/GetProviderSchema"))
    assert "aws_vpc" in answer.resource_schemas


def test_a_defect_is_an_error_that_terraform_can_show(plugin: Plugin) -> None:
    request = pb.ValidateResourceConfig.Request(type_name="aws_typo")
    answer = pb.ValidateResourceConfig.Response.FromString(
        plugin.call("/tfplugin6.Provider/ValidateResourceConfig", request.SerializeToString())
    )
    assert [each.summary for each in answer.diagnostics] == ["A defect of localaws in ValidateResourceConfig"]


def test_a_refusal_is_an_error_that_terraform_can_show(plugin: Plugin) -> None:
    request = pb.ReadResource.Request(type_name="aws_vpc")
    answer = pb.ReadResource.Response.FromString(
        plugin.call("/tfplugin6.Provider/ReadResource", request.SerializeToString())
    )
    assert [each.summary for each in answer.diagnostics] == ["Terraform has not configured the provider"]


def test_it_ends_when_it_is_told_to_and_leaves_nothing(plugin: Plugin) -> None:
    plugin.call("/plugin.GRPCController/Shutdown")
    assert (plugin.process.wait(timeout=10), plugin.socket.parent.exists()) == (0, False)


def test_ctrl_c_in_the_terminal_does_not_end_it(plugin: Plugin) -> None:
    plugin.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert plugin.socket.exists()


def test_it_does_not_outlive_terraform() -> None:
    # A parent that starts it, says where it listens, and dies without a word to it.
    parent = (
        "import subprocess, sys; "
        f"plugin = subprocess.Popen({COMMAND!r}, stdout=subprocess.PIPE, text=True); "
        "print(plugin.stdout.readline(), flush=True)"
    )
    started = subprocess.run(
        [sys.executable, "-c", parent],
        cwd=mirror.ROOT,
        env={**AS_TERRAFORM, "PLUGIN_CLIENT_CERT": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    socket, deadline = Path(started.stdout.split("|")[3]), time.monotonic() + 10
    while socket.parent.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not socket.parent.exists()


def test_where_terraform_wants_tls_it_tells_its_certificate() -> None:
    plugin = Plugin(PLUGIN_CLIENT_CERT="a certificate")
    with plugin.process:
        plugin.process.kill()
    told = plugin.handshake[5]
    certificate = x509.load_der_x509_certificate(base64.b64decode(told + "=" * (-len(told) % 4)))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
