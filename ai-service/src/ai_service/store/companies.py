"""Reads the facts about a company that categorizing needs, in one round trip."""

from decimal import Decimal
from typing import Any

from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from ai_service.domain.cascade_settings import CascadeSettings, Spending
from ai_service.domain.company import Company, Team
from ai_service.domain.departments import ReplicatedDepartment, current
from ai_service.domain.priority.rules import Rule

# Indexes: the primary keys, priority_rules_order, examples_by_team. Money as text: JSON has no exact fractions.
FIND = Prepared(
    "find_company",
    """
    select
        (
            select coalesce(json_agg(json_build_array(name, description, is_active) order by department_id), '[]')
            from departments where company_id = :company
        ) as departments,
        (
            select json_build_object(
                'auto_categorize', auto_categorize, 'auto_prioritize', auto_prioritize, 'auto_assign', auto_assign
            )
            from company_switches where company_id = :company
        ) as switches,
        (
            select coalesce(json_agg(json_build_object(
                'id', id, 'name', name, 'words', words, 'department', department, 'priority', priority,
                'position', position, 'active', active
            ) order by position, id), '[]')
            from priority_rules where company_id = :company and active
        ) as rules,
        (
            select coalesce(json_agg(json_build_array(team_id, name, description, tickets) order by team_id), '[]')
            from teams cross join lateral (
                select coalesce(json_agg(ticket_id order by labelled_at desc, ticket_id desc), '[]') as tickets from (
                    select ticket_id, labelled_at from examples
                    where company_id = :company and team_id = teams.team_id and text is not null
                    order by labelled_at desc, ticket_id desc limit 20
                ) as newest
            ) as assigned
            where company_id = :company and is_active
        ) as teams,
        (select version from models where company_id = :company and serving) as model,
        (select run_id from models where company_id = :company and serving and team_head is not null) as team_head_run,
        (select enabled from shadow_settings where company_id = :company) as shadow,
        (
            select version from models as m where company_id = :company and served_at is null and not exists (
                select 1 from models where company_id = :company and serving and created_at > m.created_at
            ) order by created_at desc limit 1
        ) as candidate,
        (
            select json_build_object(
                'order', ladder_order, 'local_threshold', local_threshold,
                'daily_budget_usd', daily_budget_usd::text, 'monthly_budget_usd', monthly_budget_usd::text
            )
            from ladder_settings where company_id = :company
        ) as cascade,
        (
            select json_build_object(
                'day', today.day,
                'today', coalesce(sum(cost_micro_usd) filter (where daily_usage.day = today.day), 0)::text,
                'month', coalesce(sum(cost_micro_usd), 0)::text
            )
            from (select (now() at time zone 'UTC')::date as day) as today
            left join daily_usage
                on company_id = :company and daily_usage.day >= date_trunc('month', today.day)::date
            group by today.day
        ) as spending
    """,
    {"company": "int"},
)


def find(session: Session, company_id: int) -> Company:
    """Return a company from the replicas and its settings; without any rows, the defaults of a new company."""
    (row,) = run(session, [FIND], {"company": company_id})
    return company_of(row)


def company_of(row: Any) -> Company:
    """Return the company of the row of FIND."""
    return Company(
        departments=current(ReplicatedDepartment(*each) for each in row.departments),
        rules=tuple(Rule(**{**each, "words": tuple(each["words"])}) for each in row.rules),
        teams=tuple(Team(number, name, about, tuple(tickets)) for number, name, about, tickets in row.teams),
        model=row.model,
        team_head_run=row.team_head_run,
        shadow=bool(row.shadow),
        candidate=row.candidate,
        cascade=_cascade(**row.cascade) if row.cascade else CascadeSettings(),
        spending=Spending(row.spending["day"], Decimal(row.spending["today"]), Decimal(row.spending["month"])),
        **(row.switches or {}),
    )


def _cascade(daily_budget_usd: str | None, monthly_budget_usd: str | None, **more: Any) -> CascadeSettings:
    return CascadeSettings(
        daily_budget_usd=_money(daily_budget_usd), monthly_budget_usd=_money(monthly_budget_usd), **more
    )


def _money(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
