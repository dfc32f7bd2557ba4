"""Templates that nobody made with this project: small ones, each in another way of writing."""

from __future__ import annotations

import json
from typing import Any


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


BUCKET: dict[str, Any] = {
    "terraform": [{"required_providers": {"aws": {"source": "hashicorp/aws"}}}],
    "provider": {"aws": {"region": "eu-west-1"}},
    "resource": {"aws_s3_bucket": {"files": {"bucket": "files.example.com", "tags": {"Team": "files"}}}},
}
"""A bucket and nothing else; its provider is a table where CDKTF writes a list."""

INSTANCE: dict[str, Any] = {
    "provider": {"aws": [{"region": "${var.region}"}, {"region": "us-east-1", "alias": "edge"}]},
    "variable": {"region": {"type": "string", "default": "eu-west-1"}},
    "data": {
        "aws_ami": {
            "linux": {
                "most_recent": "true",
                "owners": ["amazon"],
                "filter": [{"name": "name", "values": ["al2023-ami-*-arm64"]}],
            }
        },
    },
    "resource": {
        "aws_security_group": {
            "web": {
                "name_prefix": "web-",
                "ingress": [
                    {
                        "description": "users",
                        "from_port": "443",
                        "to_port": 443,
                        "protocol": "tcp",
                        "cidr_blocks": ["0.0.0.0/0"],
                        "ipv6_cidr_blocks": ["::/0"],
                    }
                ],
                "egress": {"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]},
            }
        },
        "aws_instance": {
            "web": {
                "ami": "${data.aws_ami.linux.id}",
                "instance_type": "t4g.small",
                "vpc_security_group_ids": ["${aws_security_group.web.id}"],
                "root_block_device": {"encrypted": True, "volume_size": "20"},
                "depends_on": ["${aws_security_group.web}"],
                "user_data": "#!/bin/bash\nyum install -y nginx\n",
            }
        },
        "aws_cloudwatch_metric_alarm": {
            "cpu": {
                "provider": "aws.edge",
                "alarm_name": "web-cpu",
                "namespace": "AWS/EC2",
                "metric_name": "CPUUtilization",
                "dimensions": {"AutoScalingGroupName": "web"},
                "comparison_operator": "GreaterThanThreshold",
                "threshold": 80,
                "period": "300",
                "statistic": "Average",
                "evaluation_periods": 2,
            }
        },
    },
}
"""An instance whose security group has its rules inside."""

EMPTY: dict[str, Any] = {"terraform": {}, "resource": {}}

LOOKED_UP: dict[str, Any] = {
    "provider": {"aws": {}},
    "data": {
        "aws_caller_identity": {"current": {}},
        "aws_vpc": {"main": {"filter": {"name": "tag:Name", "values": ["main"]}}},
        "aws_subnets": {"private": {"filter": [{"name": "vpc-id", "values": ["${data.aws_vpc.main.id}"]}]}},
        "aws_iam_policy_document": {
            "read": {"statement": {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::files/*"]}}
        },
    },
    "output": {"subnets": {"value": "${data.aws_subnets.private.ids}"}},
}
"""Data sources only."""

MODULES: dict[str, Any] = {
    "provider": {"aws": {"region": "eu-west-1"}, "random": {}},
    "locals": {"zones": ["eu-west-1a", "eu-west-1b"], "names": {"a": 1}},
    "module": {"vpc": {"source": "terraform-aws-modules/vpc/aws", "version": "6.0.1", "cidr": "10.0.0.0/16"}},
    "resource": {
        "random_id": {"suffix": {"byte_length": 4}},
        "aws_subnet": {
            "more": {
                "for_each": "${toset(local.zones)}",
                "vpc_id": "${module.vpc.vpc_id}",
                "cidr_block": "${cidrsubnet(module.vpc.vpc_cidr_block, 8, index(local.zones, each.key))}",
                "availability_zone": "${each.key}",
            }
        },
        "aws_sqs_queue": {
            "work": {"count": 2, "name": "work-${random_id.suffix.hex}-${count.index}"},
            "dead": {"name_prefix": "dead-"},
        },
        "aws_iam_role": {
            "work": {
                "name": "work-${random_id.suffix.hex}",
                "assume_role_policy": "${data.aws_iam_policy_document.trust.json}",
            }
        },
        "aws_iam_role_policy": {
            "work": {
                "role": "${aws_iam_role.work.id}",
                "policy": (
                    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage",'
                    ' "Resource": ${jsonencode(aws_sqs_queue.work[*].arn)}}}'
                ),
            }
        },
        "aws_lambda_function": {
            "work": {
                "function_name": "work",
                "role": "${aws_iam_role.work.arn}",
                "filename": "work.zip",
                "handler": "work.handle",
                "runtime": "python3.13",
                "environment": {
                    "variables": {
                        "QUEUES": '${join(",", [for each_queue in aws_sqs_queue.work : each_queue.url])}',
                        "FIRST": "${aws_sqs_queue.work[0].url}",
                        "SUBNETS": "${jsonencode({for name, subnet in aws_subnet.more : name => subnet.id})}",
                    }
                },
                "vpc_config": {
                    "subnet_ids": "${[for subnet in aws_subnet.more : subnet.id]}",
                    "security_group_ids": ['${aws_security_group.each["a"].id}'],
                },
                "depends_on": ["aws_iam_role_policy.work", "module.vpc"],
            }
        },
        "aws_security_group": {"each": {"for_each": "${local.names}", "vpc_id": "${module.vpc.vpc_id}"}},
    },
    "data": {
        "aws_iam_policy_document": {
            "trust": {
                "statement": [
                    {
                        "actions": ["sts:AssumeRole"],
                        "principals": {"type": "Service", "identifiers": ["lambda.amazonaws.com"]},
                    }
                ]
            }
        }
    },
    "output": {"queues": {"value": "${aws_sqs_queue.work[*].arn}"}, "region": {"value": "eu-west-1"}},
}
"""A module, another provider, and blocks that are several: by `count` and by `for_each`."""

SERVER: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-central-1"}]},
    "data": {
        "aws_ami": {
            "al": {
                "most_recent": True,
                "owners": ["amazon"],
                "filter": [{"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}],
            }
        }
    },
    "resource": {
        "aws_vpc": {"main": {"cidr_block": "10.20.0.0/16", "enable_dns_hostnames": True, "tags": {"Name": "main"}}},
        "aws_subnet": {
            "a": {
                "vpc_id": "${aws_vpc.main.id}",
                "cidr_block": "10.20.1.0/24",
                "availability_zone": "eu-central-1a",
                "map_public_ip_on_launch": True,
            },
            "b": {"vpc_id": "${aws_vpc.main.id}", "cidr_block": "10.20.2.0/24", "availability_zone": "eu-central-1b"},
        },
        "aws_internet_gateway": {"gw": {"vpc_id": "${aws_vpc.main.id}"}},
        "aws_route_table": {
            "public": {
                "vpc_id": "${aws_vpc.main.id}",
                "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "${aws_internet_gateway.gw.id}"}],
            }
        },
        "aws_route_table_association": {
            "a": {"subnet_id": "${aws_subnet.a.id}", "route_table_id": "${aws_route_table.public.id}"}
        },
        "aws_security_group": {
            "web": {
                "name": "web",
                "description": "Web",
                "vpc_id": "${aws_vpc.main.id}",
                "ingress": [
                    {
                        "description": "https",
                        "from_port": 443,
                        "to_port": 443,
                        "protocol": "tcp",
                        "cidr_blocks": ["0.0.0.0/0"],
                    }
                ],
                "egress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}],
            },
            "db": {
                "name_prefix": "db-",
                "vpc_id": "${aws_vpc.main.id}",
                "ingress": [
                    {
                        "from_port": 3306,
                        "to_port": 3306,
                        "protocol": "tcp",
                        "security_groups": ["${aws_security_group.web.id}"],
                    }
                ],
            },
        },
        "aws_instance": {
            "web": {
                "ami": "${data.aws_ami.al.id}",
                "instance_type": "t3.micro",
                "subnet_id": "${aws_subnet.a.id}",
                "vpc_security_group_ids": ["${aws_security_group.web.id}"],
                "metadata_options": {"http_tokens": "required"},
                "root_block_device": {"encrypted": True, "volume_type": "gp3", "volume_size": 20},
                "tags": {"Name": "web"},
            }
        },
        "aws_eip": {"web": {"domain": "vpc", "instance": "${aws_instance.web.id}"}},
        "aws_db_subnet_group": {"db": {"name": "db", "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"]}},
        "aws_db_parameter_group": {
            "db": {
                "name": "db-mysql8",
                "family": "mysql8.0",
                "parameter": [{"name": "character_set_server", "value": "utf8mb4"}],
            }
        },
        "aws_db_instance": {
            "db": {
                "identifier": "app-db",
                "engine": "mysql",
                "engine_version": "8.0",
                "instance_class": "db.t3.micro",
                "allocated_storage": 20,
                "storage_type": "gp3",
                "storage_encrypted": True,
                "db_name": "app",
                "username": "admin",
                "manage_master_user_password": True,
                "db_subnet_group_name": "${aws_db_subnet_group.db.name}",
                "parameter_group_name": "${aws_db_parameter_group.db.name}",
                "vpc_security_group_ids": ["${aws_security_group.db.id}"],
                "multi_az": True,
                "backup_retention_period": 7,
                "skip_final_snapshot": False,
                "final_snapshot_identifier": "app-db-final",
                "enabled_cloudwatch_logs_exports": ["error", "slowquery"],
                "deletion_protection": True,
            }
        },
    },
}
"""A server with a MySQL database, in a network of its own."""

SITE: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-central-1"}]},
    "resource": {
        "aws_s3_bucket": {"site": {"bucket": "www.example.com"}},
        "aws_s3_bucket_website_configuration": {
            "site": {
                "bucket": "${aws_s3_bucket.site.id}",
                "index_document": {"suffix": "index.html"},
                "error_document": {"key": "error.html"},
            }
        },
        "aws_s3_bucket_versioning": {
            "site": {"bucket": "${aws_s3_bucket.site.id}", "versioning_configuration": {"status": "Enabled"}}
        },
        "aws_s3_bucket_public_access_block": {
            "site": {
                "bucket": "${aws_s3_bucket.site.id}",
                "block_public_acls": True,
                "block_public_policy": True,
                "ignore_public_acls": True,
                "restrict_public_buckets": True,
            }
        },
        "aws_cloudfront_origin_access_control": {
            "oac": {
                "name": "site",
                "origin_access_control_origin_type": "s3",
                "signing_behavior": "always",
                "signing_protocol": "sigv4",
            }
        },
        "aws_cloudfront_distribution": {
            "cdn": {
                "enabled": True,
                "default_root_object": "index.html",
                "origin": [
                    {
                        "domain_name": "${aws_s3_bucket.site.bucket_regional_domain_name}",
                        "origin_id": "s3-site",
                        "origin_access_control_id": "${aws_cloudfront_origin_access_control.oac.id}",
                    }
                ],
                "default_cache_behavior": {
                    "allowed_methods": ["GET", "HEAD"],
                    "cached_methods": ["GET", "HEAD"],
                    "target_origin_id": "s3-site",
                    "viewer_protocol_policy": "redirect-to-https",
                    "forwarded_values": {"query_string": False, "cookies": {"forward": "none"}},
                    "min_ttl": 0,
                    "default_ttl": 3600,
                    "max_ttl": 86400,
                },
                "restrictions": {"geo_restriction": {"restriction_type": "none"}},
                "viewer_certificate": {"cloudfront_default_certificate": True},
            }
        },
        "aws_s3_bucket_policy": {
            "site": {
                "bucket": "${aws_s3_bucket.site.id}",
                "policy": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "cloudfront.amazonaws.com"},
                                "Action": "s3:GetObject",
                                "Resource": "${aws_s3_bucket.site.arn}/*",
                                "Condition": {
                                    "StringEquals": {"AWS:SourceArn": "${aws_cloudfront_distribution.cdn.arn}"}
                                },
                            }
                        ],
                    }
                ),
            }
        },
        "aws_s3_bucket_lifecycle_configuration": {
            "site": {
                "bucket": "${aws_s3_bucket.site.id}",
                "rule": [
                    {
                        "id": "old",
                        "status": "Enabled",
                        "filter": {"prefix": "logs/"},
                        "transition": [
                            {"days": 30, "storage_class": "STANDARD_IA"},
                            {"days": 90, "storage_class": "GLACIER"},
                        ],
                        "expiration": {"days": 365},
                    }
                ],
            }
        },
    },
}
"""A site of files behind a CDN."""

WORKER: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-central-1"}]},
    "resource": {
        "aws_iam_role": {"fn": {"name": "worker", "assume_role_policy": _trust("lambda.amazonaws.com")}},
        "aws_iam_policy": {
            "fn": {
                "name": "worker",
                "policy": json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                                "Resource": "${aws_sqs_queue.work.arn}",
                            },
                            {
                                "Effect": "Allow",
                                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                "Resource": "${aws_cloudwatch_log_group.fn.arn}:*",
                            },
                        ],
                    }
                ),
            }
        },
        "aws_iam_role_policy_attachment": {
            "fn": {"role": "${aws_iam_role.fn.name}", "policy_arn": "${aws_iam_policy.fn.arn}"},
            "basic": {
                "role": "${aws_iam_role.fn.name}",
                "policy_arn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            },
        },
        "aws_cloudwatch_log_group": {"fn": {"name": "/aws/lambda/worker", "retention_in_days": 14}},
        "aws_cloudwatch_log_metric_filter": {
            "err": {
                "name": "errors",
                "log_group_name": "${aws_cloudwatch_log_group.fn.name}",
                "pattern": "ERROR",
                "metric_transformation": {"name": "Errors", "namespace": "Worker", "value": "1"},
            }
        },
        "aws_cloudwatch_metric_alarm": {
            "err": {
                "alarm_name": "worker-errors",
                "namespace": "AWS/Lambda",
                "metric_name": "Errors",
                "dimensions": {"FunctionName": "worker"},
                "statistic": "Sum",
                "period": 60,
                "evaluation_periods": 1,
                "threshold": 1,
                "comparison_operator": "GreaterThanOrEqualToThreshold",
            },
            "own": {
                "alarm_name": "worker-log-errors",
                "namespace": "Worker",
                "metric_name": "Errors",
                "statistic": "Sum",
                "period": 60,
                "evaluation_periods": 1,
                "threshold": 1,
                "comparison_operator": "GreaterThanOrEqualToThreshold",
            },
            "q": {
                "alarm_name": "queue",
                "namespace": "AWS/SQS",
                "metric_name": "ApproximateAgeOfOldestMessage",
                "dimensions": {"QueueName": "work.fifo"},
                "statistic": "Maximum",
                "period": 300,
                "evaluation_periods": 1,
                "threshold": 600,
                "comparison_operator": "GreaterThanThreshold",
            },
            "ec2": {
                "alarm_name": "cpu",
                "namespace": "AWS/EC2",
                "metric_name": "CPUUtilization",
                "dimensions": {"InstanceId": "i-0123456789abcdef0"},
                "statistic": "Average",
                "period": 300,
                "evaluation_periods": 1,
                "threshold": 80,
                "comparison_operator": "GreaterThanThreshold",
            },
            "apigw": {
                "alarm_name": "5xx",
                "namespace": "AWS/ApiGateway",
                "metric_name": "5XXError",
                "dimensions": {"ApiName": "orders"},
                "statistic": "Sum",
                "period": 300,
                "evaluation_periods": 1,
                "threshold": 5,
                "comparison_operator": "GreaterThanThreshold",
            },
        },
        "aws_sqs_queue": {
            "work": {
                "name": "work.fifo",
                "fifo_queue": True,
                "content_based_deduplication": True,
                "deduplication_scope": "messageGroup",
                "fifo_throughput_limit": "perMessageGroupId",
                "visibility_timeout_seconds": 180,
                "redrive_policy": '{"deadLetterTargetArn": "${aws_sqs_queue.dead.arn}", "maxReceiveCount": 5}',
                "sqs_managed_sse_enabled": True,
            },
            "dead": {"name": "dead.fifo", "fifo_queue": True, "message_retention_seconds": 1209600},
        },
        "aws_lambda_function": {
            "fn": {
                "function_name": "worker",
                "role": "${aws_iam_role.fn.arn}",
                "runtime": "nodejs22.x",
                "handler": "index.handler",
                "filename": "worker.zip",
                "timeout": 30,
                "memory_size": 512,
                "architectures": ["arm64"],
                "environment": {
                    "variables": {
                        "QUEUE_URL": "${aws_sqs_queue.work.url}",
                        "LOG_LEVEL": "info",
                        "TZ": "UTC",
                        "LANG": "en",
                    }
                },
                "depends_on": ["aws_iam_role_policy_attachment.fn", "aws_iam_role_policy_attachment.basic"],
            }
        },
        "aws_lambda_event_source_mapping": {
            "fn": {
                "event_source_arn": "${aws_sqs_queue.work.arn}",
                "function_name": "${aws_lambda_function.fn.arn}",
                "batch_size": 10,
                "function_response_types": ["ReportBatchItemFailures"],
            }
        },
        "aws_cloudwatch_event_rule": {"n": {"name": "nightly", "schedule_expression": "cron(0 3 * * ? *)"}},
        "aws_cloudwatch_event_target": {
            "n": {
                "rule": "${aws_cloudwatch_event_rule.n.name}",
                "arn": "${aws_lambda_function.fn.arn}",
                "input": '{"job": "nightly"}',
            }
        },
        "aws_lambda_permission": {
            "n": {
                "statement_id": "AllowEvents",
                "action": "lambda:InvokeFunction",
                "function_name": "${aws_lambda_function.fn.function_name}",
                "principal": "events.amazonaws.com",
                "source_arn": "${aws_cloudwatch_event_rule.n.arn}",
            }
        },
    },
}
"""A function that works off a queue, alarms on metrics that no stack of ours watches."""

IMAGES: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-central-1"}]},
    "resource": {
        "aws_ecr_repository": {
            "app": {
                "name": "app/web",
                "image_tag_mutability": "IMMUTABLE",
                "image_scanning_configuration": {"scan_on_push": True},
                "encryption_configuration": {"encryption_type": "KMS"},
            }
        },
        "aws_ecr_lifecycle_policy": {
            "app": {
                "repository": "${aws_ecr_repository.app.name}",
                "policy": json.dumps(
                    {
                        "rules": [
                            {
                                "rulePriority": 1,
                                "description": "keep 10",
                                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
                                "action": {"type": "expire"},
                            }
                        ]
                    }
                ),
            }
        },
        "aws_ecs_cluster": {"c": {"name": "c"}},
        "aws_iam_role": {"exec": {"name": "exec", "assume_role_policy": _trust("ecs-tasks.amazonaws.com")}},
        "aws_iam_role_policy_attachment": {
            "exec": {
                "role": "${aws_iam_role.exec.name}",
                "policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
            }
        },
        "aws_cloudwatch_log_group": {"app": {"name": "/ecs/app", "retention_in_days": 30}},
        "aws_ecs_task_definition": {
            "app": {
                "family": "app",
                "requires_compatibilities": ["FARGATE"],
                "network_mode": "awsvpc",
                "cpu": "256",
                "memory": "512",
                "execution_role_arn": "${aws_iam_role.exec.arn}",
                "container_definitions": json.dumps(
                    [
                        {
                            "name": "app",
                            "image": "${aws_ecr_repository.app.repository_url}:1.0",
                            "essential": True,
                            "portMappings": [{"containerPort": 8080}],
                            "environment": [{"name": "ENV", "value": "prod"}],
                            "logConfiguration": {
                                "logDriver": "awslogs",
                                "options": {
                                    "awslogs-group": "/ecs/app",
                                    "awslogs-region": "eu-central-1",
                                    "awslogs-stream-prefix": "app",
                                    "awslogs-create-group": "true",
                                },
                            },
                        }
                    ]
                ),
            }
        },
        "aws_ecs_service": {
            "app": {
                "name": "app",
                "cluster": "${aws_ecs_cluster.c.id}",
                "task_definition": "${aws_ecs_task_definition.app.arn}",
                "desired_count": 2,
                "launch_type": "FARGATE",
                "depends_on": ["aws_iam_role_policy_attachment.exec"],
                "network_configuration": {
                    "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
                    "security_groups": ["sg-0123456789abcdef0"],
                    "assign_public_ip": False,
                },
            }
        },
        "aws_vpc_endpoint": {
            "ecr": {
                "vpc_id": "vpc-0123456789abcdef0",
                "service_name": "com.amazonaws.eu-central-1.ecr.dkr",
                "vpc_endpoint_type": "Interface",
                "private_dns_enabled": True,
                "subnet_ids": ["subnet-0123456789abcdef0"],
                "security_group_ids": ["sg-0123456789abcdef0"],
            },
            "s3": {
                "vpc_id": "vpc-0123456789abcdef0",
                "service_name": "com.amazonaws.eu-central-1.s3",
                "route_table_ids": ["rtb-0123456789abcdef0"],
            },
            "nlb": {
                "vpc_id": "vpc-0123456789abcdef0",
                "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
                "vpc_endpoint_type": "Interface",
            },
            "x": {
                "vpc_id": "vpc-0123456789abcdef0",
                "service_name": "com.amazonaws.us-east-1.sqs",
                "service_region": "us-east-1",
                "vpc_endpoint_type": "Interface",
            },
            "nb": {
                "vpc_id": "vpc-0123456789abcdef0",
                "service_name": "com.amazonaws.eu-central-1.execute-api",
                "vpc_endpoint_type": "Interface",
            },
        },
    },
}
"""A repository of images, a service that runs one, and endpoints."""

KINDS: dict[str, Any] = {
    "provider": {"aws": [{"region": "eu-central-1"}]},
    "resource": {
        "aws_lb": {
            "n": {
                "name": "tcp",
                "load_balancer_type": "network",
                "internal": True,
                "subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            }
        },
        "aws_lb_target_group": {
            "n": {
                "name": "tcp",
                "port": 5432,
                "protocol": "TCP",
                "target_type": "ip",
                "vpc_id": "vpc-0123456789abcdef0",
                "health_check": {"protocol": "TCP", "interval": 10},
            }
        },
        "aws_lb_listener": {
            "n": {
                "load_balancer_arn": "${aws_lb.n.arn}",
                "port": 5432,
                "protocol": "TCP",
                "default_action": [{"type": "forward", "target_group_arn": "${aws_lb_target_group.n.arn}"}],
            }
        },
        "aws_dynamodb_table": {
            "t": {
                "name": "orders",
                "billing_mode": "PROVISIONED",
                "read_capacity": 5,
                "write_capacity": 5,
                "hash_key": "pk",
                "range_key": "sk",
                "attribute": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}, {"name": "g", "type": "N"}],
                "global_secondary_index": [
                    {"name": "byG", "hash_key": "g", "projection_type": "ALL", "read_capacity": 5, "write_capacity": 5}
                ],
                "ttl": {"attribute_name": "ttl", "enabled": True},
                "stream_enabled": True,
                "stream_view_type": "NEW_AND_OLD_IMAGES",
            },
            "def": {
                "name": "defaults",
                "read_capacity": 1,
                "write_capacity": 1,
                "hash_key": "pk",
                "attribute": [{"name": "pk", "type": "S"}],
            },
        },
        "aws_sns_topic": {"f": {"name": "orders.fifo", "fifo_topic": True, "content_based_deduplication": True}},
        "aws_elasticache_replication_group": {
            "r": {
                "replication_group_id": "sessions",
                "description": "sessions",
                "engine": "redis",
                "engine_version": "7.1",
                "node_type": "cache.t4g.small",
                "num_cache_clusters": 2,
                "automatic_failover_enabled": True,
                "parameter_group_name": "default.redis7",
                "at_rest_encryption_enabled": True,
                "transit_encryption_enabled": True,
            }
        },
        "aws_rds_cluster": {
            "a": {
                "cluster_identifier": "a",
                "engine": "aurora-mysql",
                "engine_version": "8.0.mysql_aurora.3.08.0",
                "master_username": "admin",
                "manage_master_user_password": True,
                "database_name": "app",
                "storage_encrypted": True,
                "skip_final_snapshot": True,
                "enabled_cloudwatch_logs_exports": ["error", "slowquery", "audit"],
            }
        },
        "aws_rds_cluster_instance": {
            "a": {
                "cluster_identifier": "${aws_rds_cluster.a.id}",
                "engine": "${aws_rds_cluster.a.engine}",
                "instance_class": "db.r6g.large",
            }
        },
        "aws_launch_template": {
            "l": {
                "name": "worker",
                "instance_type": "t3.small",
                "image_id": "ami-0123456789abcdef0",
                "block_device_mappings": [
                    {
                        "device_name": "/dev/xvda",
                        "ebs": {
                            "volume_type": "gp3",
                            "volume_size": 100,
                            "iops": 6000,
                            "throughput": 500,
                            "encrypted": True,
                        },
                    }
                ],
            }
        },
        "aws_ebs_volume": {
            "v": {"availability_zone": "eu-central-1a", "size": 100, "type": "io2", "iops": 3000, "encrypted": True}
        },
        "aws_flow_log": {
            "s3": {
                "vpc_id": "vpc-0123456789abcdef0",
                "traffic_type": "ALL",
                "log_destination_type": "s3",
                "log_destination": "arn:aws:s3:::flow-logs-bucket",
            }
        },
        "aws_wafv2_web_acl": {
            "w": {
                "name": "w",
                "scope": "REGIONAL",
                "default_action": {"allow": {}},
                "rule": [
                    {
                        "name": "ip",
                        "priority": 1,
                        "override_action": {"none": {}},
                        "statement": {
                            "managed_rule_group_statement": {
                                "vendor_name": "AWS",
                                "name": "AWSManagedRulesAmazonIpReputationList",
                            }
                        },
                        "visibility_config": {
                            "cloudwatch_metrics_enabled": True,
                            "metric_name": "ip",
                            "sampled_requests_enabled": True,
                        },
                    }
                ],
                "visibility_config": {
                    "cloudwatch_metrics_enabled": True,
                    "metric_name": "w",
                    "sampled_requests_enabled": True,
                },
            }
        },
    },
}
"""Kinds and settings that no stack of ours has."""

DOCUMENTS = {
    "bucket": BUCKET,
    "instance": INSTANCE,
    "empty": EMPTY,
    "looked-up": LOOKED_UP,
    "modules": MODULES,
    "server": SERVER,
    "site": SITE,
    "worker": WORKER,
    "images": IMAGES,
    "kinds": KINDS,
}
"""Name -> what is in the file."""
