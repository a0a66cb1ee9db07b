"""The use cases of companies and teams."""
