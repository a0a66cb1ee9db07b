"""What people ask of companies and teams."""
