"""What is reached through a package of its own: workbooks."""
