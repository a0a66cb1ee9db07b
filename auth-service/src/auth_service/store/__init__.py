"""Tables of the schema `auth` and the queries on them."""
