"""What people do around a deployment, by boto3 and the stack's outputs. Nothing in here imports cdktf."""
