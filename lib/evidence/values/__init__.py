"""Every literal of a template against what AWS publishes of its arguments."""
