"""What people and events ask of the knowledge."""
