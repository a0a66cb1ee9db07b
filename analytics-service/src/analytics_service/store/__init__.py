"""Tables of the schema `analytics` and the queries on them."""
