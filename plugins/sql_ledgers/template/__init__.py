"""What a template says of an ERP's tables: its models, how it is loaded for a site, and the columns it names."""
