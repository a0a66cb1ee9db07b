"""A made-up company's files with questions whose answers are known, written by seed."""
