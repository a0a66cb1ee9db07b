"""What people do with tickets: each verb is one visible commit."""
