"""Tables of the schema `workflow` and the queries on them."""
