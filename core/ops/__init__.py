"""Jobs, schedule, audit, health."""
