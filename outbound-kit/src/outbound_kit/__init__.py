"""HTTP to addresses that companies have entered: only to permitted ones, with a deadline and a limit of size."""
