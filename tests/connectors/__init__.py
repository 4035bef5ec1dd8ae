"""Connectors of one's own: the template, and the package that is made of it."""
