"""The demonstration: 30 business days of a simulated JD Edwards site, played through the whole job."""
