"""How each unit of the stack is made: its slice of the settings, its key, its subnets, what it stands on."""
