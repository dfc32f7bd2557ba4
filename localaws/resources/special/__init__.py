"""What an entry of the table cannot say, by service."""
