"""Policy packs: YAML to frozen models."""
