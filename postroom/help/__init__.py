"""Help in the app: the guides of docs/guides, one for each kind of work."""
