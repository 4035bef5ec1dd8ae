"""The schema's migrations, run by Alembic."""
