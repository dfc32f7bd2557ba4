"""Whether AWS has room and all that it takes for a stack, before Terraform makes the first of it."""
