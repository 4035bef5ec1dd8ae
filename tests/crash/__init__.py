"""Kill the job at a chosen write or send, start it again, and see that nothing was lost or doubled."""
