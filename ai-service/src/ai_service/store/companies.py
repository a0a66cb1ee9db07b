"""All that reading a company's tickets needs to know of it, in one round trip."""

from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from ai_service.domain.company import Company, Team
from ai_service.domain.departments import Known, current
from ai_service.domain.priority.rules import Rule

# By the primary keys and priority_rules_order.
_FIND = Prepared(
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
            select coalesce(json_agg(json_build_array(team_id, name, description) order by team_id), '[]')
            from teams where company_id = :company and is_active
        ) as teams,
        (select version from models where company_id = :company and serving) as model
    """,
    {"company": "int"},
)


def find(session: Session, company: int) -> Company:
    """Return a company as events and its own people told of it; one that nobody told of is like every new one."""
    (row,) = run(session, [_FIND], {"company": company})
    return Company(
        departments=current(Known(*each) for each in row.departments),
        rules=tuple(Rule(**{**each, "words": tuple(each["words"])}) for each in row.rules),
        teams=tuple(Team(*each) for each in row.teams),
        model=row.model,
        **(row.switches or {}),
    )
