"""Letters and mails by language, shipped as data."""
