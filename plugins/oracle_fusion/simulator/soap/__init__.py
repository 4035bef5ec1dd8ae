"""The customer profile service, which is SOAP alone."""
