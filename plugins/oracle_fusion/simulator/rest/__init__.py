"""The REST resources as the ADF framework answers for them."""
