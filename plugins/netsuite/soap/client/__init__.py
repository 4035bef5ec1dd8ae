"""The wire to SuiteTalk: the account's own WSDL, signed envelopes, and what comes back."""
