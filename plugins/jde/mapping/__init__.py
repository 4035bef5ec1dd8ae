"""Raw rows of EnterpriseOne's tables → rows under the canonical names: pure, one file a subject."""
