"""How a deployed stack is doing right now, on one screen."""
