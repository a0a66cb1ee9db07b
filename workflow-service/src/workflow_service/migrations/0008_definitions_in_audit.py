"""The audit shows which fields of a workflow's definition a change makes different."""

from alembic import op
from company_kit.ddl import audit_table

revision = "0008"
down_revision = "0007"

MAX_CHANGES = 200
MAX_CHARACTERS = 500

STATEMENTS = (
    # Null for null. The form is that of `domain/duration.py`.
    """
    create function duration_text(seconds int) returns text language sql immutable as $$
        select 'PT' || case when seconds >= 3600 then seconds / 3600 || 'H' else '' end
            || case when seconds % 3600 >= 60 then seconds % 3600 / 60 || 'M' else '' end
            || case when seconds % 60 > 0 then seconds % 60 || 'S' else '' end
        where seconds is not null
    $$
    """,
    # Each field of a version outside of its steps and transitions, by the name that it has in requests.
    """
    create function definition_fields(v workflow_versions) returns table (place int, field text, value jsonb)
    language sql stable as $$
        select * from (values
            (1, 'urgent_sla', to_jsonb(duration_text(v.urgent_sla_seconds))),
            (2, 'high_sla', to_jsonb(duration_text(v.high_sla_seconds))),
            (3, 'medium_sla', to_jsonb(duration_text(v.medium_sla_seconds))),
            (4, 'low_sla', to_jsonb(duration_text(v.low_sla_seconds))),
            (5, 'urgent_response_sla', to_jsonb(duration_text((v.response_seconds ->> 'urgent')::int))),
            (6, 'high_response_sla', to_jsonb(duration_text((v.response_seconds ->> 'high')::int))),
            (7, 'medium_response_sla', to_jsonb(duration_text((v.response_seconds ->> 'medium')::int))),
            (8, 'low_response_sla', to_jsonb(duration_text((v.response_seconds ->> 'low')::int))),
            (9, 'first_response_pauses', to_jsonb(v.first_response_pauses)),
            (10, 'calendar_id', to_jsonb(v.calendar_id)),
            (11, 'assignment', to_jsonb(v.assignment)),
            (12, 'assignment_hours', to_jsonb(v.assignment_hours)),
            (13, 'capacity', to_jsonb(v.capacity)),
            (14, 'end_logic', to_jsonb(v.end_logic))
        ) as each_field (place, field, value)
    $$
    """,
    # Steps are the same by name, transitions by the steps that they join. A step that is in one version only is one
    # change. Versions before skills and partners lack those keys: absent, null and an empty list are equal here.
    f"""
    create function definition_changes(of_company int, of_workflow bigint, before int, after int) returns jsonb
    language sql stable as $$
        with versions as (
            select v as content, v.version, v.steps, v.transitions from workflow_versions v
            where v.company_id = of_company and v.workflow_id = of_workflow and v.version in (before, after)
                and before is distinct from after
        ), steps as (
            select version, step ->> 'name' as name, step - 'name' as step
            from versions, jsonb_array_elements(versions.steps) as step
        ), old_and_new_steps as (
            select name, o.step as old_step, n.step as new_step
            from (select * from steps where version = before) o
            full join (select * from steps where version = after) n using (name)
        ), transitions as (
            select version, concat(way ->> 'source', '→', way ->> 'target') as way, way -> 'name' as name
            from versions, jsonb_array_elements(versions.transitions) as way
        ), fields as (
            select version, f.* from versions, definition_fields(versions.content) as f
        ), compared as (
            select coalesce(n.place, o.place) as place, field, o.value as old, n.value as new
            from (select * from fields where version = before) o
            full join (select * from fields where version = after) n using (field)
            union all
            select 100, 'steps.' || name, old_step, new_step from old_and_new_steps
            where old_step is null or new_step is null
            union all
            select 100, concat('steps.', name, '.', key), old_step -> key, new_step -> key
            from old_and_new_steps, jsonb_object_keys(old_step || new_step) as key
            union all
            select 101, 'transitions.' || way, o.name, n.name
            from (select * from transitions where version = before) o
            full join (select * from transitions where version = after) n using (way)
        ), changed as (
            select row_number() over (order by place, field) as number, field, old, new from compared
            where nullif(nullif(old, 'null'), '[]') is distinct from nullif(nullif(new, 'null'), '[]')
        ), shown as (
            select number, field, bounded_value(old) as old, bounded_value(new) as new
            from changed where number <= {MAX_CHANGES}
            union all
            select number, 'more_changes', null, to_jsonb(number - {MAX_CHANGES})
            from (select max(number) as number from changed) as last where number > {MAX_CHANGES}
        )
        select coalesce(jsonb_agg(jsonb_build_object('field', field, 'old', old, 'new', new) order by number), '[]')
        from shown
    $$
    """,  # noqa: S608 - numbers that stand in this file
)
BOUNDED_VALUE = f"""
    create function bounded_value(value jsonb) returns jsonb language sql immutable as $$
        select case when length(value::text) > {MAX_CHARACTERS}
            then jsonb_build_object('length', length(value::text)) else value end
    $$
"""


def upgrade() -> None:
    """Create the functions that compare two versions, and let the audit of workflows use them."""
    for statement in (BOUNDED_VALUE, *STATEMENTS):
        op.execute(statement)
    op.execute("drop function audit_workflows() cascade")
    audit_table(
        op,
        "workflows",
        record="workflow",
        key="id",
        shown=["name", "category", "sub_category", "department", "state", "version"],
        lengths=["description"],
        details="definition_changes(new.company_id, new.id, old.version, new.version)",
        # A workflow is stored before its version.
        at_commit=True,
    )
