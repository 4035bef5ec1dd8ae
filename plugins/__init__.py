"""The plugins shipped with Duehook."""
