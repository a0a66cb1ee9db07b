"""How answers are made: questions, sentences of passages, and what these support."""
