"""The local classifier: words and meaning of a text against what people of the company decided before.

It stands apart from `domain/` because it needs numpy and scikit-learn, which are loaded only where it is used.
"""
