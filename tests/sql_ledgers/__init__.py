"""The family of ERPs that are read by SQL: Infor LX and XA, JDE World, PeopleSoft, Oracle EBS."""
