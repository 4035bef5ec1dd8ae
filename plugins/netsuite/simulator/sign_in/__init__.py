"""Who may ask: token-based authentication (OAuth 1.0a), and OAuth 2.0 client credentials with a certificate."""
