"""The mapping of fields by a site's own file."""
