"""What is reached through a package of its own: workbooks, and folders on an SFTP server."""
