"""How a pipeline may deploy: roles for GitHub Actions without a key that lasts, and what a change does to templates."""
