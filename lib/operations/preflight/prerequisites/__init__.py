"""What has to be there, or must not be there, before the first resource is made."""
