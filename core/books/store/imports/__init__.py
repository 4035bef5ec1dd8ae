"""What imports write: runs and their cursors, staged pages, versions, quarantine, sweep and tie-out."""
