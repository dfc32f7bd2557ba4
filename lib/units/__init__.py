"""How each unit of the stack is made: its slice of the settings, its key, its subnets, what it stands on.

What few stacks have is imported by the function that makes it: a unit that is left out costs no time and no memory.
"""
