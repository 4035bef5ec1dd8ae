"""Letters, archive, outbox and channels."""
