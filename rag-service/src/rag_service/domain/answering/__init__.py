"""How answers come about: what is asked, what the passages say about it, and which sentences they support."""
