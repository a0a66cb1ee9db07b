"""Workbooks: the cells as people see them."""
