"""The books: tables, migrations, audit, outbox, archive."""
