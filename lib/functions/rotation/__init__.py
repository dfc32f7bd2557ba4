"""The function that rotates the database's password."""
