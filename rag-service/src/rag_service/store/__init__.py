"""Tables of the schema `rag` and the queries on them."""
