"""How answers are made: questions, sentences of passages, and what these support.

A message becomes questions (`message/`, and `safety/` refuses some). The passages found become units (`units/`,
`tables/`). Some units are excluded (`exclusions/`, `editions/`), some answer by their form (`matches/`), and a model
chooses among the rest (`units/unit_model`, `sentence_choice`). `extraction` is that road. `language/` and `values/`
read words, amounts and days.
"""
