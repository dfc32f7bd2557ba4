"""Templates that nobody made with this project: small ones, each in another way of writing."""

from __future__ import annotations

from typing import Any

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

DOCUMENTS = {"bucket": BUCKET, "instance": INSTANCE, "empty": EMPTY, "looked-up": LOOKED_UP, "modules": MODULES}
"""Name -> what is in the file."""
