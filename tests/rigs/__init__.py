"""What several rooms share: small ERPs, ready sites, a mail catcher."""
