"""The provider as Terraform sees it: the calls of the plugin protocol, answered from a schema, plans and a backend.

A method's name is that of the call, in snake case; `plugin` finds them by it.
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from localaws.provider import faults, journal, planning
from localaws.provider.backend import Backend, Category, Connect, Notice, Refused, Surroundings
from localaws.provider.block import Block
from localaws.provider.filling import fill_unknown, nothing
from localaws.provider.operations import Notes, Operations
from localaws.provider.protocol import pb
from localaws.provider.pure import PureBackend
from localaws.provider.schema import Schema
from localaws.provider.values import Object, Value, empty_object
from localaws.provider.wire import decoded, encoded

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
_REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")


class Provider:
    """One process of the plugin: Terraform starts one for each provider block, and for a question about the schema."""

    def __init__(self, schema: Schema, environment: Mapping[str, str], connect: Connect) -> None:
        self._schema = schema
        self._environment = environment
        self._connect = connect
        self._settings: planning.Settings | None = None
        self._operations: Operations | None = None

    # --- The provider block

    def get_provider_schema(self, request: pb.GetProviderSchema.Request) -> pb.GetProviderSchema.Response:
        del request
        return self._schema.message

    def get_resource_identity_schemas(
        self, request: pb.GetResourceIdentitySchemas.Request
    ) -> pb.GetResourceIdentitySchemas.Response:
        del request
        return pb.GetResourceIdentitySchemas.Response()

    def validate_provider_config(
        self, request: pb.ValidateProviderConfig.Request
    ) -> pb.ValidateProviderConfig.Response:
        del request
        return pb.ValidateProviderConfig.Response()

    def configure_provider(self, request: pb.ConfigureProvider.Request) -> pb.ConfigureProvider.Response:
        config = decoded(request.config, self._schema.provider) or {}
        self._settings = planning.Settings(self._region(config), _default_tags(config))
        self._operations = Operations(
            self._connected(config, self._settings.region),
            faults.Faults(self._environment.get(faults.VARIABLE, "")),
            journal.Journal(self._environment.get(journal.VARIABLE, "")),
        )
        return pb.ConfigureProvider.Response()

    def stop_provider(self, request: pb.StopProvider.Request) -> pb.StopProvider.Response:
        del request
        if self._operations:
            self._operations.stop()
        return pb.StopProvider.Response()

    # --- Resources

    def validate_resource_config(
        self, request: pb.ValidateResourceConfig.Request
    ) -> pb.ValidateResourceConfig.Response:
        block = self._schema.block("resource", request.type_name)
        return pb.ValidateResourceConfig.Response(diagnostics=_unconfigurable(block, request.config))

    def upgrade_resource_state(self, request: pb.UpgradeResourceState.Request) -> pb.UpgradeResourceState.Response:
        block = self._schema.block("resource", request.type_name)
        state = json.loads(request.raw_state.json)
        known = {name: value for name, value in state.items() if name in block.attributes or name in block.blocks}
        return pb.UpgradeResourceState.Response(upgraded_state=pb.DynamicValue(json=json.dumps(known).encode()))

    def read_resource(self, request: pb.ReadResource.Request) -> pb.ReadResource.Response:
        kind, block = request.type_name, self._known("resource", request.type_name)
        state = decoded(request.current_state, block)
        if state is None:
            return pb.ReadResource.Response(new_state=request.current_state, private=request.private)
        outcome = self._running.read(kind, state, _notes(request.private))
        if outcome is None:
            return pb.ReadResource.Response(new_state=encoded(None))
        return pb.ReadResource.Response(
            new_state=_settled(block, outcome.state),
            private=_private(outcome.notes),
            diagnostics=_warnings(outcome.warnings),
        )

    def plan_resource_change(self, request: pb.PlanResourceChange.Request) -> pb.PlanResourceChange.Response:
        kind, block = request.type_name, self._known("resource", request.type_name)
        prior, proposed = decoded(request.prior_state, block), decoded(request.proposed_new_state, block)
        config = decoded(request.config, block) or {}
        if proposed is None:
            return pb.PlanResourceChange.Response(planned_state=encoded(None), planned_private=request.prior_private)
        if prior is None:
            plan = planning.Plan(planning.plan_create(block, proposed, config, self._planned_with), [])
        else:
            plan = planning.plan_update(
                kind,
                block,
                prior=prior,
                proposed=proposed,
                config=config,
                settings=self._planned_with,
                renewed=lambda changed: self._running.backend.renewed(kind, changed),
            )
        return pb.PlanResourceChange.Response(
            planned_state=encoded(plan.planned),
            planned_private=request.prior_private,
            requires_replace=[_path((name,)) for name in plan.replaced_by],
        )

    def apply_resource_change(self, request: pb.ApplyResourceChange.Request) -> pb.ApplyResourceChange.Response:
        block = self._known("resource", request.type_name)
        try:
            return self._applied(request, block)
        except Refused as refusal:
            return pb.ApplyResourceChange.Response(
                new_state=request.prior_state if refusal.state is None else _settled(block, refusal.state),
                private=_private(refusal.notes) if refusal.notes else request.planned_private,
                diagnostics=[_error(refusal.summary, refusal.detail)],
            )

    def _applied(self, request: pb.ApplyResourceChange.Request, block: Block) -> pb.ApplyResourceChange.Response:
        kind, notes = request.type_name, _notes(request.planned_private)
        prior, planned = decoded(request.prior_state, block), decoded(request.planned_state, block)
        config = decoded(request.config, block) or {}
        if planned is None:
            last = self._running.delete(kind, prior or {}, notes)
            return pb.ApplyResourceChange.Response(
                new_state=encoded(None), diagnostics=_warnings(last.warnings if last else ())
            )
        if prior is None:
            outcome = self._running.create(kind, config, planned)
        else:
            outcome = self._running.update(kind, prior, config, planned, notes)
        return pb.ApplyResourceChange.Response(
            new_state=_settled(block, outcome.state),
            private=_private(outcome.notes),
            diagnostics=_warnings(outcome.warnings),
        )

    def import_resource_state(self, request: pb.ImportResourceState.Request) -> pb.ImportResourceState.Response:
        block = self._known("resource", request.type_name)
        state: Object = {**empty_object(block), "id": request.id}
        if "region" in state:
            state["region"] = self._planned_with.region
        # Terraform reads the object next: without notes, so that the backend tells all of it.
        return pb.ImportResourceState.Response(
            imported_resources=[{"type_name": request.type_name, "state": encoded(state)}]
        )

    # --- Data sources and ephemeral resources

    def validate_data_resource_config(
        self, request: pb.ValidateDataResourceConfig.Request
    ) -> pb.ValidateDataResourceConfig.Response:
        block = self._schema.block("data", request.type_name)
        return pb.ValidateDataResourceConfig.Response(diagnostics=_unconfigurable(block, request.config))

    def read_data_source(self, request: pb.ReadDataSource.Request) -> pb.ReadDataSource.Response:
        block = self._known("data", request.type_name)
        outcome = self._running.data(request.type_name, self._asked(block, request.config))
        return pb.ReadDataSource.Response(state=_settled(block, outcome.state), diagnostics=_warnings(outcome.warnings))

    def validate_ephemeral_resource_config(
        self, request: pb.ValidateEphemeralResourceConfig.Request
    ) -> pb.ValidateEphemeralResourceConfig.Response:
        block = self._schema.block("ephemeral", request.type_name)
        return pb.ValidateEphemeralResourceConfig.Response(diagnostics=_unconfigurable(block, request.config))

    def open_ephemeral_resource(self, request: pb.OpenEphemeralResource.Request) -> pb.OpenEphemeralResource.Response:
        block = self._known("ephemeral", request.type_name)
        outcome = self._running.open_ephemeral(request.type_name, self._asked(block, request.config))
        return pb.OpenEphemeralResource.Response(
            result=_settled(block, outcome.state), diagnostics=_warnings(outcome.warnings)
        )

    def close_ephemeral_resource(
        self, request: pb.CloseEphemeralResource.Request
    ) -> pb.CloseEphemeralResource.Response:
        del request
        return pb.CloseEphemeralResource.Response()

    # --- What the provider block decides

    def _region(self, config: Object) -> str:
        given = [config.get("region"), *map(self._environment.get, _REGION_VARIABLES)]
        region = next((each for each in given if isinstance(each, str) and each), None)
        if region is None:
            raise Refused("No region", f"The provider block has none, nor has {' or '.join(_REGION_VARIABLES)}.")
        return region

    def _connected(self, config: Object, region: str) -> Backend:
        url = self._environment.get(_ENDPOINT_VARIABLE)
        if not url:
            return PureBackend(region, self._schema.block)
        if urlsplit(url).hostname not in _LOOPBACK:
            raise Refused(
                "Not a local AWS", f"{_ENDPOINT_VARIABLE} is {url}; this provider talks to {', '.join(_LOOPBACK)} only."
            )
        if config.get("endpoints"):
            raise Refused(
                "Two places for the endpoint", f"The provider block has endpoints besides {_ENDPOINT_VARIABLE}."
            )
        return self._connect(Surroundings(url, region, self._schema.block))

    @property
    def _planned_with(self) -> planning.Settings:
        if self._settings is None:
            raise Refused("Terraform has not configured the provider")
        return self._settings

    @property
    def _running(self) -> Operations:
        if self._operations is None:
            raise Refused("Terraform has not configured the provider")
        return self._operations

    def _known(self, category: Category, kind: str) -> Block:
        """The schema of a kind that there is something behind: nothing else is planned, read or made."""
        if not self._running.backend.knows(category, kind):
            noun = {"resource": "resource", "data": "data source", "ephemeral": "ephemeral resource"}[category]
            raise Refused(
                f"{kind}: not in the local AWS",
                f"Nothing is behind this {noun} at {self._environment[_ENDPOINT_VARIABLE]}, and nothing is faked.",
            )
        return self._schema.block(category, kind)

    def _asked(self, block: Block, config: pb.DynamicValue) -> Object:
        asked = decoded(config, block) or {}
        region = block.attributes.get("region")
        if region and region.computed and asked.get("region") is None:
            asked["region"] = self._planned_with.region
        return asked


def _default_tags(config: Object) -> Mapping[str, Value]:
    tags: dict[str, Value] = {}
    blocks = config.get("default_tags")
    for each in blocks if isinstance(blocks, list) else []:
        own = each.get("tags") if isinstance(each, dict) else None
        tags.update(own if isinstance(own, dict) else {})
    return tags


def _settled(block: Block, state: Object) -> pb.DynamicValue:
    return encoded(fill_unknown(block, state, nothing))


def _notes(private: bytes) -> Notes:
    notes: Notes = json.loads(private) if private else None
    return notes


def _private(notes: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(notes)).encode()


def _unconfigurable(block: Block, config: pb.DynamicValue) -> list[pb.Diagnostic]:
    return [
        pb.Diagnostic(
            severity=pb.Diagnostic.ERROR,
            summary="Value for unconfigurable attribute",
            detail=f"{path[-1]} is computed: the provider decides its value, a configuration cannot set it.",
            attribute=_path(path),
        )
        for path in planning.unconfigurable(block, decoded(config, block) or {})
    ]


def _path(steps: Iterable[str | int]) -> pb.AttributePath:
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(element_key_int=step)
            if isinstance(step, int)
            else pb.AttributePath.Step(attribute_name=step)
            for step in steps
        ]
    )


def _error(summary: str, detail: str) -> pb.Diagnostic:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=detail)


def _warnings(notices: Iterable[Notice]) -> list[pb.Diagnostic]:
    return [pb.Diagnostic(severity=pb.Diagnostic.WARNING, summary=each.summary, detail=each.detail) for each in notices]
