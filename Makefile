# `make` shows what there is. Each target calls one script or one command.
PYTHON ?= python3
BIN := .venv/bin
COMPOSE ?= docker compose

.DEFAULT_GOAL := help
.PHONY: help install up down demo status doctor logs test test-fast lint types format bench chaos fuzz compose-up compose-down compose-test docs client constraints

help:  ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install:  ## make .venv and install the system into it
	@scripts/install.sh

up: install  ## start the whole system on this machine, in the background, and wait until it is healthy
	@$(BIN)/smart-ticket up

down:  ## stop the system; its data stays
	@if [ -x $(BIN)/smart-ticket ]; then $(BIN)/smart-ticket down; else echo "nothing is installed here"; fi

demo:  ## send fifty tickets and show the dashboard
	@$(BIN)/smart-ticket demo

status:  ## show every service and whether it is healthy
	@$(BIN)/smart-ticket status

doctor:  ## report problems, each with advice
	@$(BIN)/smart-ticket doctor

logs:  ## follow the log of the running system
	@tail -n 50 -F $${SMARTTICKET_HOME:-.smartticket}/smart-ticket.log

test:  ## all checks and tests, on real PostgreSQL and RabbitMQ (started or installed where missing)
	@scripts/test.sh

test-fast:  ## ruff and the unit tests of all parts, in about a minute
	@scripts/test-fast.sh

lint:  ## ruff
	@scripts/install.sh dev && $(BIN)/ruff check . && $(BIN)/ruff format --check .

types:  ## mypy, strict on service-kit, eventbus and every domain/
	@scripts/install.sh dev && scripts/types.sh

format:  ## format the code with ruff
	@scripts/install.sh dev && $(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench:  ## measure; prints ratios and writes benchmarks/results/
	@scripts/bench.sh

chaos:  ## the long fault test: kills, stops and restarts under load
	@scripts/chaos.sh

fuzz:  ## requests made out of the OpenAPI document, by each role; CASES=2000 a role
	@scripts/fuzz.sh

compose-up:  ## the system in containers: PostgreSQL 17, RabbitMQ 4, a container per service
	$(COMPOSE) up -d --build --wait

compose-down:  ## stop the containers; the data stays
	$(COMPOSE) down

compose-test:  ## build and start the containers with ai-service three times, send 300 tickets, check, tear down
	@scripts/compose-test.sh

docs:  ## write again what is made of contracts/ and of the code: lists of services, compose file, routes, events
	@scripts/docs.sh

client:  ## write the generated part of clients/python again, from the OpenAPI document
	@scripts/install.sh dev && $(BIN)/python -m scripts.documents client

constraints:  ## resolve the versions of all libraries again
	@scripts/constraints.sh
