"""The wording and the layout of letters and mails, as data; a site's own folder wins over it."""
