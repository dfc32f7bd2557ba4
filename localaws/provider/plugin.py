"""The process that Terraform starts: it says where it listens, answers over gRPC, and ends when it is told to.

https://github.com/hashicorp/go-plugin/blob/main/docs/guide-plugin-write-non-go.md
"""

from __future__ import annotations

import base64
import datetime
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor

from localaws.provider.backend import Refused
from localaws.provider.protocol import pb
from localaws.provider.provider import Provider

COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
"""Terraform sets this for its plugins, and for nothing else:
https://github.com/hashicorp/terraform-plugin-go/blob/main/tfprotov6/tf6server/server.go"""

_CORE_PROTOCOL, _PLUGIN_PROTOCOL = 1, 6
_WORKERS = 16
"""Terraform walks its graph with ten operations at once, unless it is told otherwise."""
_LARGEST_MESSAGE = 256 << 20
"""As Terraform's own plugins."""

_Answer = Callable[[Any, grpc.ServicerContext], Any]


def serve(provider: Provider, environment: Mapping[str, str]) -> None:
    """Answers Terraform until it says that this is all, or is gone itself."""
    # Ctrl-C reaches every process of the terminal. Terraform then asks its plugins to stop, and needs their answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    finished = threading.Event()
    server = grpc.server(ThreadPoolExecutor(_WORKERS), options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)])
    server.add_generic_rpc_handlers(_handlers(provider, finished))
    # Nobody else may enter the directory, and so reach the socket.
    directory = Path(tempfile.mkdtemp(prefix="localaws-"))
    try:
        address = directory / "socket"
        certificate = _listen(server, f"unix:{address}", environment)
        server.start()
        # Before Terraform hears of it, and may be gone already.
        parent = os.getppid()
        print(_handshake(address, certificate), flush=True)
        while not finished.wait(timeout=1) and os.getppid() == parent:
            pass
        server.stop(grace=1).wait()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def refuse_by_hand(environment: Mapping[str, str]) -> None:
    """Ends the process when it was not Terraform that started it."""
    name, value = COOKIE
    if environment.get(name) != value:
        sys.exit("This is a plugin of Terraform, which starts it by itself; see localaws/README.md.")


def _handshake(address: Path, certificate: bytes | None) -> str:
    fields = [str(_CORE_PROTOCOL), str(_PLUGIN_PROTOCOL), "unix", str(address), "grpc"]
    if certificate:
        fields.append(base64.b64encode(certificate).decode().rstrip("="))
    return "|".join(fields)


def _listen(server: grpc.Server, address: str, environment: Mapping[str, str]) -> bytes | None:
    """Opens the socket; the certificate to tell Terraform, where it wants TLS.

    Terraform offers a certificate of its own besides. It is of a curve that gRPC's TLS library does not take from a
    client, so it is not asked for: the directory's permissions say who may connect.
    """
    if not environment.get("PLUGIN_CLIENT_CERT"):
        server.add_insecure_port(address)
        return None
    pair = _key_pair()
    server.add_secure_port(address, grpc.ssl_server_credentials([(pair.key, pair.certificate)]))
    return pair.der


class _KeyPair(NamedTuple):
    key: bytes
    certificate: bytes
    der: bytes


def _key_pair() -> _KeyPair:
    """A key for this process alone, and the certificate that go-plugin expects of it: its own authority, localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + 30 * day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _KeyPair(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate.public_bytes(serialization.Encoding.PEM),
        certificate.public_bytes(serialization.Encoding.DER),
    )


def _handlers(provider: Provider, finished: threading.Event) -> tuple[grpc.GenericRpcHandler, ...]:
    service = pb.DESCRIPTOR.services_by_name["Provider"]
    answered = {
        method.name: _handler(method, call)
        for method in service.methods
        if (call := getattr(provider, _snake_case(method.name), None))
    }

    def shutdown(request: bytes, context: grpc.ServicerContext) -> bytes:
        del request, context
        finished.set()
        return b""

    return (
        grpc.method_handlers_generic_handler(service.full_name, answered),
        grpc.method_handlers_generic_handler(
            "plugin.GRPCController", {"Shutdown": grpc.unary_unary_rpc_method_handler(shutdown)}
        ),
        grpc.method_handlers_generic_handler(
            "plugin.GRPCStdio", {"StreamStdio": grpc.unary_stream_rpc_method_handler(lambda *_: iter(()))}
        ),
    )


def _handler(method: MethodDescriptor, call: Callable[[Any], Any]) -> grpc.RpcMethodHandler[Any, Any]:
    request = message_factory.GetMessageClass(method.input_type)
    reply: Any = message_factory.GetMessageClass(method.output_type)

    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        """What went wrong becomes the error that Terraform shows."""
        del context
        try:
            return call(request)
        except Refused as refusal:
            summary, detail = refusal.summary, refusal.detail
        except Exception:
            summary, detail = f"A defect of localaws in {method.name}", traceback.format_exc()
        return reply(diagnostics=[pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=detail)])

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.FromString, response_serializer=reply.SerializeToString
    )


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
