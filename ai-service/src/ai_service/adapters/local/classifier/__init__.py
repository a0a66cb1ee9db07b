"""The local classifier: assigns texts to labels, trained on the decisions of a company's people.

The package is separate from `domain/` because it needs numpy and scikit-learn, imported only where it is used.
"""
