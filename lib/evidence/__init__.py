"""What can be known of a template before AWS sees it."""
