"""Inbound mails: how one is read, which kind it is, which ticket it answers, and what of its text is new."""
