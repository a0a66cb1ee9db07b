"""`company.deleted`: mark the company, so that everything of it is removed."""

from company_kit.company_deleted import CONSUMER

__all__ = ["CONSUMER"]
