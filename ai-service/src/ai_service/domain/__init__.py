"""Decisions without I/O: the classifier cascade, keywords, priorities, teams, trainings and evaluations."""
