"""The audit shows which members a change of a team adds, removes or changes, by the id of their account."""

from alembic import op
from company_kit.ddl import audit_table

revision = "0011"
down_revision = "0010"

# A member's address and name are shown by their lengths. Members without an account have no id. Skills that are longer
# than 500 characters are shown by their length too: a team has up to 200 members with 50 skills each.
MEMBER_CHANGES = """
    create function member_changes(of_company int, before jsonb, after jsonb) returns jsonb
    language sql stable as $$
        with compared as (
            select email, o.member as old, n.member as new
            from (select member ->> 'email' as email, member from jsonb_array_elements(before) as member) o
            full join (select member ->> 'email' as email, member from jsonb_array_elements(after) as member) n
                using (email)
            where o.member is distinct from n.member
        ), known as (
            select compared.*, concat('members.', coalesce('user:' || users.id, 'no_account')) as field
            from compared
            left join users on users.company_id = of_company and lower(users.email) = compared.email
        )
        select coalesce(jsonb_agg(jsonb_build_object('field', field, 'old', shown_member(old),
            'new', shown_member(new)) order by field, email), '[]')
        from known
    $$
"""
SHOWN_MEMBER = """
    create function shown_member(member jsonb) returns jsonb language sql immutable as $$
        select jsonb_build_object(
            'role', member -> 'role',
            'name', jsonb_build_object('length', length(member ->> 'name')),
            'email', jsonb_build_object('length', length(member ->> 'email')),
            'skills', case when length(skills::text) > 500 then jsonb_build_object('length', length(skills::text))
                else skills end
        )
        from coalesce(member -> 'skills', '[]') as skills where member is not null
    $$
"""


def upgrade() -> None:
    """Create the functions that compare a team's members, and let the audit of teams use them."""
    op.execute(SHOWN_MEMBER)
    op.execute(MEMBER_CHANGES)
    op.execute("drop function audit_teams() cascade")
    audit_table(
        op,
        "teams",
        record="team",
        key="id",
        shown=["name", "is_active", "department"],
        lengths=["description"],
        details="member_changes(coalesce(new.company_id, old.company_id), old.members, new.members)",
    )
