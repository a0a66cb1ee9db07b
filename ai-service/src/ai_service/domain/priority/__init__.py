"""How urgent a ticket is: what its text claims, and the rules by which its company sees it."""
