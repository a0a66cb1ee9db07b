"""HTTP clients that implement the ports."""
