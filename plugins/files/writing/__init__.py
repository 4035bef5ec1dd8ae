"""What goes back to an ERP that imports files: a line a command, written once, and the answers that come."""
