"""One construct per unit of the platform."""
