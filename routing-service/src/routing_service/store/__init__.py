"""Tables of the schema `routing` and the queries on them."""
