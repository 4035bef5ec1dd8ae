"""What both ways of reading a site go by: raw rows, their keys, and pages in key order."""
