"""What people and other services ask of routing."""
