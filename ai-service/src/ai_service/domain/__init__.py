"""What this service decides: which department a text belongs to, how sure that is, and who may decide it."""
