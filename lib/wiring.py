"""Who may talk to whom: every open port of the stack, an edge a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.components.connections import Connections, Peer
from lib.components.file_storage import NFS_PORT
from lib.components.postgres import Postgres
from lib.units.stores import access

if TYPE_CHECKING:
    from lib.tap_stack import TapStack


def connect(stack: TapStack) -> None:
    """Opens what the settings ask for and nothing else; nothing starts before the ports are open that it needs."""
    _connect_entry(stack)
    if stack.rotation and stack.database:
        stack.rotation.prepare_after(_connect_rotation(stack, stack.rotation.peer, stack.database))
    for name, service in stack.services.items():
        edges = _connect_target(stack, name, service.peer)
        _connect_service(stack, name, edges)
        service.start_after(edges, *([stack.secrets] if stack.secrets else []))
        for callee in stack.settings.services[name].calls:
            service.start_after(stack.services[callee])
    for name, fleet in stack.fleets.items():
        fleet.start_after(_connect_target(stack, name, fleet.peer))


def _connect_entry(stack: TapStack) -> None:
    """Requests of users: from the internet, through the HTTP API, or both ways."""
    balancer = stack.load_balancer
    if not stack.settings.load_balancer.internal:
        edges = Connections(stack, "internet_connections")
        for port in balancer.ports:
            edges.allow_from_internet(balancer.peer, port=port, why="requests of users")
    if stack.http_api:
        edges = Connections(stack, "gateway_connections")
        edges.allow(stack.http_api.peer, balancer.peer, port=balancer.listener_port, why="requests of the HTTP API")


def _connect_rotation(stack: TapStack, function: Peer, database: Postgres) -> Connections:
    """The function that rotates the database's password."""
    edges = Connections(stack, "rotation_connections")
    edges.allow(function, database.peer, port=database.port, why="users and their passwords")
    edges.allow_to_internet(function, port=443, why="AWS APIs and certificate authorities, through NAT")
    return edges


def _connect_target(stack: TapStack, name: str, target: Peer) -> Connections:
    """What every service and every fleet may be reached by, and may reach."""
    edges = Connections(stack, f"{name}_connections")
    port = stack.settings.targets[name].port
    edges.allow(stack.load_balancer.peer, target, port=port, why="requests and health checks")
    edges.allow_to_internet(target, port=443, why="image registries and AWS APIs, through NAT")
    for store in access(stack, name):
        if store.peer:
            for port in store.ports:
                edges.allow(target, store.peer, port=port, why=f"data in the {store.peer.name}")
    return edges


def _connect_service(stack: TapStack, name: str, edges: Connections) -> None:
    """What services have beside that: shared files, and each other."""
    service, settings = stack.services[name].peer, stack.settings.services[name]
    if stack.files and settings.mounts:
        edges.allow(service, stack.files.peer, port=NFS_PORT, why="shared files over TLS")
    for callee in settings.calls:
        port = stack.settings.services[callee].port
        edges.allow(service, stack.services[callee].peer, port=port, why="calls through Service Connect")
