"""Code that runs in Lambda: a folder for each function, all of which is its package."""
