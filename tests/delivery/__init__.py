"""From an approved proposal to a mail, a note and a credit hold."""
