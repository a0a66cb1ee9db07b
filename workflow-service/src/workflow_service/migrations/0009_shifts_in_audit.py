"""The audit shows which shifts and exceptions of a calendar a change makes different, not the whole calendar."""

from alembic import op
from company_kit.ddl import audit_table

revision = "0009"
down_revision = "0008"

MAX_CHANGES = 200

# Shifts of a day are the same by their start, which is unique, exceptions by their date. What is in one version of the
# calendar only is one change.
CALENDAR_CHANGES = f"""
    create function calendar_changes(old_weekly jsonb, new_weekly jsonb, old_exceptions jsonb, new_exceptions jsonb)
    returns jsonb language sql immutable as $$
        with days (place, day) as (
            values (1, 'mon'), (2, 'tue'), (3, 'wed'), (4, 'thu'), (5, 'fri'), (6, 'sat'), (7, 'sun')
        ), old_shifts as (
            select place, day, shift ->> 0 as start, shift from days, jsonb_array_elements(old_weekly -> day) as shift
        ), new_shifts as (
            select place, day, shift ->> 0 as start, shift from days, jsonb_array_elements(new_weekly -> day) as shift
        ), exceptions as (
            select date, o.each_one - 'date' as old, n.each_one - 'date' as new
            from (select each_one ->> 'date' as date, each_one from jsonb_array_elements(old_exceptions) as each_one) o
            full join
                (select each_one ->> 'date' as date, each_one from jsonb_array_elements(new_exceptions) as each_one) n
                using (date)
        ), compared as (
            select place, concat_ws('.', 'weekly', day, start) as field, o.shift as old, n.shift as new
            from old_shifts o full join new_shifts n using (place, day, start)
            union all
            select 100, 'exceptions.' || date, old, new from exceptions where old is null or new is null
            union all
            select 100, concat_ws('.', 'exceptions', date, key), old -> key, new -> key
            from exceptions, jsonb_object_keys(old || new) as key
        ), changed as (
            select row_number() over (order by place, field) as number, field, old, new from compared
            where nullif(old, 'null') is distinct from nullif(new, 'null')
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
"""  # noqa: S608 - a number that stands in this file


def upgrade() -> None:
    """Create the function that compares two calendars, and let the audit of calendars use it."""
    op.execute(CALENDAR_CHANGES)
    op.execute("drop function audit_calendars() cascade")
    audit_table(
        op,
        "calendars",
        record="calendar",
        key="id",
        shown=["name", "time_zone", "version", "is_deleted"],
        details="calendar_changes(old.weekly, new.weekly, old.exceptions, new.exceptions)",
    )
