"""Policy packs and aging schemes, shipped as data."""
