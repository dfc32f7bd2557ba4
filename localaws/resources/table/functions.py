"""Lambda and HTTP APIs."""

from __future__ import annotations

from typing import Final

from localaws.resources.entry import Entry, Further
from localaws.resources.special import functions as special

_HTTP_API_TAGS = "arn:aws:apigateway:{region}::/apis/{id}"

ENTRIES: Final = {
    "aws_lambda_function": Entry(
        service="lambda",
        create="create_function",
        id="{function_name}",
        key="function_name",
        read="get_function:Configuration",
        also=(special.code_key,),
        update=special.change_function,
        delete="delete_function",
        renames={
            **dict.fromkeys(("filename", "image_uri", "s3_bucket", "s3_key", "source_kms_key_arn", "source_code_hash")),
            "layers": "Layers",
            "reserved_concurrent_executions": None,
        },
        adjust=special.place_code,
        further=(
            Further(
                "put_function_concurrency",
                {
                    "FunctionName": "{function_name}",
                    "ReservedConcurrentExecutions": "{reserved_concurrent_executions}",
                },
            ),
        ),
        code_takes=dict.fromkeys(special.CODE_ARGUMENTS, "") | {"source_code_hash": "CodeSha256"},
        shown_as={"Layers": "Layers[].Arn"},
        renews="last_modified",
        computed={
            "arn": "FunctionArn",
            "qualified_arn": "{arn}:$LATEST",
            "invoke_arn": "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
            "code_sha256": "CodeSha256",
            "source_code_size": "CodeSize",
        },
    ),
    "aws_lambda_function_event_invoke_config": Entry(
        service="lambda",
        create="put_function_event_invoke_config",
        id="{function_name}",
        key="function_name",
        read="get_function_event_invoke_config",
        update="put_function_event_invoke_config",
        delete="delete_function_event_invoke_config",
        renames={"maximum_event_age_in_seconds": "MaximumEventAgeInSeconds"},
    ),
    "aws_lambda_invocation": Entry(
        service="lambda",
        create=special.invoke,
        id="{function_name}",
        key="function_name",
        read="get_function:Configuration",
        code_takes={"function_name": "FunctionName", "input": "", "triggers": ""},
        computed={"result": special.no_result},
    ),
    "aws_lambda_permission": Entry(
        service="lambda",
        create="add_permission",
        id="{statement_id}",
        key="function_name statement_id",
        read=special.read_permission,
        delete="remove_permission",
    ),
    "aws_lambda_event_source_mapping": Entry(
        service="lambda",
        create="create_event_source_mapping",
        id="UUID",
        key="uuid=id",
        read="get_event_source_mapping",
        update="update_event_source_mapping",
        delete="delete_event_source_mapping",
    ),
    "aws_apigatewayv2_api": Entry(
        service="apigatewayv2",
        create="create_api",
        id="ApiId",
        key="api_id=id",
        read="get_api",
        update="update_api",
        delete="delete_api",
        computed={
            "arn": _HTTP_API_TAGS,
            "execution_arn": "arn:aws:execute-api:{region}:{account}:{id}",
        },
    ),
    "aws_apigatewayv2_vpc_link": Entry(
        service="apigatewayv2",
        create="create_vpc_link",
        id="VpcLinkId",
        key="vpc_link_id=id",
        read="get_vpc_link",
        update="update_vpc_link",
        delete="delete_vpc_link",
        computed={"arn": "arn:aws:apigateway:{region}::/vpclinks/{id}"},
    ),
    "aws_apigatewayv2_integration": Entry(
        service="apigatewayv2",
        create="create_integration",
        id="IntegrationId",
        key="api_id integration_id=id",
        read="get_integration",
        update="update_integration",
        delete="delete_integration",
        renames={"timeout_milliseconds": "TimeoutInMillis"},
    ),
    "aws_apigatewayv2_route": Entry(
        service="apigatewayv2",
        create="create_route",
        id="RouteId",
        key="api_id route_id=id",
        read="get_route",
        update="update_route",
        delete="delete_route",
    ),
    "aws_apigatewayv2_stage": Entry(
        service="apigatewayv2",
        create="create_stage",
        key="api_id stage_name=name",
        read="get_stage",
        update="update_stage",
        delete="delete_stage",
        computed={
            "arn": "arn:aws:apigateway:{region}::/apis/{api_id}/stages/{name}",
            "invoke_url": special.invoke_url,
            "execution_arn": "arn:aws:execute-api:{region}:{account}:{api_id}/{name}",
        },
    ),
}
