"""What a site configures in duehook.yaml."""
