"""Policy documents against what AWS publishes of its actions, resources and condition keys."""
