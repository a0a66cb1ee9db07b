"""Tables of the schema `notification` and the queries on them."""
