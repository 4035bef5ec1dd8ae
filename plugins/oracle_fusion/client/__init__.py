"""The wire to Fusion: how a client signs in, REST, and the SOAP service of customer profiles."""
