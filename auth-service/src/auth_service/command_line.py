"""`python -m auth_service.command_line`: people of the operator's company, and companies, for the system's operator.

It needs no account, only the settings of auth-service: it runs where the database's password lies. `smart-ticket users`
and `smart-ticket companies` are the same for the system of one machine.
"""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import click
from company_kit.actor import SYSTEM, acting_as
from service_kit.settings import BadSettings
from service_kit.telemetry.logs import configure_logging

from auth_service.adapters.look_alikes import looks_of
from auth_service.adapters.scopes import grantable_scopes
from auth_service.api.fields import email_key, is_address, is_reserved
from auth_service.domain.company import CompanyNotFound, ListedCompany, OperatorCompany, WrongName, look_alikes, named
from auth_service.domain.company_deletion import CompanyDeletion
from auth_service.domain.name import BadName, accepted_name
from auth_service.domain.password import BadPassword
from auth_service.domain.password_reset import UserInactive
from auth_service.domain.user import ROLES, AdminNeeded, EmailTaken, User, UsernameTaken, UserNotFound
from auth_service.service import SERVICE
from auth_service.settings import Settings, read_settings
from auth_service.usecases.operate import Operator

OPERATOR = "operator"
"""The key of the commands' context that holds a function without arguments; `with` its result as Operator."""
PASSWORD_BYTES = 15


@click.group()
def users() -> None:
    """The people of the operator's company: add one, list them, let one set a new password."""


@users.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), help="Without it, agent; admin while there is no admin yet.")
@click.option("--name", help="How the person is called; without it, the part of the address before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.pass_obj
def add(context: dict[str, Any], email: str, role: str | None, name: str | None, password_stdin: bool) -> None:
    """Add a person who logs in with EMAIL; the password is made and printed once.

    The first person must be an admin, who then adds or invites the others.
    """
    if not is_address(email):
        raise click.ClickException(f"{email} is not a valid e-mail address")
    if is_reserved(email):
        raise click.ClickException(f"{email} is reserved for the programs of this system")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else new_password()
    try:
        username = accepted_name(name or email.rpartition("@")[0])
        with _operator(context) as operator:
            user = operator.add_user(
                email=email,
                email_key=email_key(email),
                username=username,
                role=operator.role_of_new(role),
                password=password,
            )
    except BadName as error:
        raise click.ClickException(f"name: {error}") from error
    except BadPassword as error:
        raise click.ClickException(f"password: {error}") from error
    except AdminNeeded as error:
        raise click.ClickException(str(error)) from error
    except EmailTaken:
        raise click.ClickException(f"{email} has an account already") from None
    except UsernameTaken:
        raise click.ClickException(
            "somebody has that name already, or one that looks like it; choose another with --name"
        ) from None
    click.echo(f"{user.email} is {user.role} of company {user.company_id}")
    if not password_stdin:
        click.echo(f"password: {password}")


@users.command("list")
@click.pass_obj
def list_users(context: dict[str, Any]) -> None:
    """List the people with their roles."""
    with _operator(context) as operator:
        for user in operator.users():
            click.echo(_line(user))


@users.command("reset-link")
@click.argument("email")
@click.pass_obj
def reset_link(context: dict[str, Any], email: str) -> None:
    """Make a link by which the person with EMAIL sets a new password, once, in place of earlier ones."""
    try:
        with _operator(context) as operator:
            link = operator.reset_link(operator.find_user(email_key(email)))
    except UserNotFound:
        raise click.ClickException(f"nobody here logs in with {email}") from None
    except UserInactive as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"valid until {link.expires_at:%Y-%m-%d %H:%M} UTC; hand it over in person:")
    click.echo(f"  token: {link.token}")
    click.echo(f"  to be sent to: POST {_address(operator.issuer)}/api/auth/password/reset {{token, new_password}}")


@click.group()
def companies() -> None:
    """All companies of the system: list them, delete one, show who deleted which, announce them again."""


@companies.command("list")
@click.pass_obj
def list_companies(context: dict[str, Any]) -> None:
    """List the companies with their ids and the numbers of their users; names that look alike are marked."""
    with _operator(context) as operator:
        listed = list(operator.companies())
        alike = look_alikes(listed, looks_of)
        for company in listed:
            mark = "  (the operator's)" if company.company_id == operator.company_id else ""
            others = ", ".join(map(str, alike[company.company_id]))
            click.echo(f"{_company_line(company)}{mark}{f'  (looks like {others})' if others else ''}")


@companies.command("delete", short_help="Delete a company with everything of it.")
@click.argument("name_or_id")
@click.option("--yes", is_flag=True, help="Don't ask for the name.")
@click.pass_obj
def delete_company(context: dict[str, Any], name_or_id: str, yes: bool) -> None:
    """Delete the company NAME_OR_ID with everything of it, in all services, for good. Digits are an id.

    Its people are shut out at once; tickets, files and knowledge are removed within minutes by the running services.
    """
    with _operator(context) as operator:
        found = named(name_or_id, operator.companies())
        if not found:
            raise click.ClickException(f"there is no company {name_or_id}")
        if len(found) > 1:
            lines = "\n".join(_company_line(each) for each in found)
            raise click.ClickException(f"{len(found)} companies are called {name_or_id}; name one by its id:\n{lines}")
        (company,) = found
        try:
            if company.company_id == operator.company_id:
                raise OperatorCompany
            if not yes:
                _confirm(company)
            operator.delete_company(company)
        except OperatorCompany as error:
            raise click.ClickException(str(error)) from error
        except (CompanyNotFound, WrongName) as error:
            raise click.ClickException("somebody has deleted or renamed it meanwhile; nothing was done") from error
    click.echo(f"company {company.company_id} is deleted; the services remove what they have of it")


@companies.command(short_help="Announce all companies with their teams and people.")
@click.pass_obj
def announce(context: dict[str, Any]) -> None:
    """Announce all companies with their teams and people again, so that a service that lost its copy has them.

    The running services do it by themselves every few days; services that know everybody already change nothing.
    """
    with _operator(context) as operator:
        for company in operator.companies():
            click.echo(f"company {company.company_id}: {_people(operator.announce(company))} announced")


@companies.command()
@click.pass_obj
def deleted(context: dict[str, Any]) -> None:
    """List the deleted companies by their ids: when, by whom and from where they were deleted."""
    with _operator(context) as operator:
        for deletion in operator.deleted_companies():
            click.echo(_deletion_line(deletion))


def new_password() -> str:
    """Return a random password of 120 bits."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


@contextmanager
def operator_of(settings: Settings) -> Iterator[Operator]:
    """Give the operator of the system that these settings describe; connections close at the end."""
    process = SERVICE.instance(settings)
    dependencies = process.dependencies
    try:
        with acting_as(SYSTEM, OPERATOR):
            yield Operator(
                database=dependencies.database,
                passwords=dependencies.passwords,
                company_id=settings.operator_company_id,
                issuer=settings.issuer,
                scopes=grantable_scopes(dependencies.rights),
            )
    finally:
        process.close()


def main() -> None:
    """Run the commands with the settings of the environment."""

    def operator() -> AbstractContextManager[Operator]:
        try:
            return operator_of(read_settings(os.environ))
        except BadSettings as error:
            raise click.ClickException("\n".join(error.faults)) from error

    configure_logging("WARNING", sys.stderr)  # standard output belongs to the command
    click.Group(commands={**users.commands, companies.name or "": companies})(obj={OPERATOR: operator})


def _operator(context: dict[str, Any]) -> AbstractContextManager[Operator]:
    make: Callable[[], AbstractContextManager[Operator]] = context[OPERATOR]
    return make()


def _confirm(company: ListedCompany) -> None:
    click.echo(f"{_company_line(company)}\nIt is deleted with everything of it, for good.", err=True)
    if click.prompt("Type its name to confirm", err=True) != company.name:
        raise click.ClickException("that is not its name; nothing was done")


def _company_line(company: ListedCompany) -> str:
    return f"{company.company_id:>6}  {_people(company.users):<10} since {company.created_at:%Y-%m-%d}  {company.name}"


def _people(number: int) -> str:
    return f"{number} user{'' if number == 1 else 's'}"


def _deletion_line(deletion: CompanyDeletion) -> str:
    by, key = deletion.by, ""
    if by is not None and by.key_id:
        key = f" with API key {by.key_id}"
    who = f"by {by.actor}{key} from {by.origin or 'an unknown address'}" if by else "by somebody unknown"
    removed = f"{deletion.removed_at:%Y-%m-%d %H:%M}" if deletion.removed_at else "under way"
    request = f"  request {deletion.request_id}" if deletion.request_id else ""
    return f"{deletion.company_id:>6}  {deletion.deleted_at:%Y-%m-%d %H:%M} UTC  {who}  removed: {removed}{request}"


def _address(issuer: str) -> str:
    """Return the public address; '' where PUBLIC_URL gives none."""
    return issuer if issuer.startswith(("http://", "https://")) else ""


def _line(user: User) -> str:
    state = "active" if user.is_active else "not active"
    last = user.last_login_at.strftime("%Y-%m-%d %H:%M") if user.last_login_at else "never"
    return f"{user.id:>5}  {user.email:<40} {user.role:<10} {state:<10} last login {last}  {user.username}"


if __name__ == "__main__":
    main()
