"""Commands that decide, approve and deliver."""
