"""What reaches beyond this service and its database."""
