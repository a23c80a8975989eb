"""List the routes of a customer's people, their licences and roles; all need a partner's user."""

from simulator.partner_center import people, people_licences, people_roles
from simulator.partner_center.call import USER
from simulator.partner_center.gdap import (
    LICENCE_ROLES,
    PASSWORD_ROLES,
    PEOPLE_READ_ROLES,
    PEOPLE_REMOVE_ROLES,
    PEOPLE_WRITE_ROLES,
    ROLE_READ_ROLES,
    ROLE_WRITE_ROLES,
)
from simulator.partner_center.rows import row

_USERS = "/v1/customers/{customer}/users"
_U = f"{_USERS}/{{user}}"
_ROLES = "/v1/customers/{customer}/directoryroles"
_MEMBERS = f"{_ROLES}/{{role}}/usermembers"

ROWS = (
    row(
        "POST",
        _USERS,
        people.create,
        "create-user-accounts-for-a-customer",
        USER,
        gdap=PEOPLE_WRITE_ROLES,
    ),
    row(
        "GET",
        _USERS,
        people.listed,
        "get-a-list-of-all-user-accounts-for-a-customer",
        USER,
        gdap=PEOPLE_READ_ROLES,
    ),
    row("GET", _U, people.get, "get-a-user-account-by-id", USER, gdap=PEOPLE_READ_ROLES),
    row(
        "PATCH",
        _U,
        people.change,
        "update-user-accounts-for-a-customer",
        USER,
        gdap=PEOPLE_WRITE_ROLES,
    ),
    row(
        "PATCH",
        f"{_U}/resetpassword",
        people.reset_password,
        "reset-user-password-for-a-customer",
        USER,
        gdap=PASSWORD_ROLES,
    ),
    row(
        "DELETE",
        _U,
        people.remove,
        "delete-a-user-account-for-a-customer",
        USER,
        gdap=PEOPLE_REMOVE_ROLES,
    ),
    row(
        "GET",
        f"{_U}/licenses",
        people_licences.listed,
        "check-which-licenses-are-assigned-to-a-user",
        USER,
        gdap=PEOPLE_READ_ROLES,
        bom=True,
    ),
    row(
        "POST",
        f"{_U}/licenseupdates",
        people_licences.update,
        "assign-licenses-to-a-user",
        USER,
        gdap=LICENCE_ROLES,
    ),
    row("GET", _ROLES, people_roles.listed, "get-user-roles", USER, gdap=ROLE_READ_ROLES),
    row(
        "GET",
        f"{_U}/directoryroles",
        people_roles.of_user,
        "get-user-roles",
        USER,
        gdap=ROLE_READ_ROLES,
    ),
    row(
        "GET",
        _MEMBERS,
        people_roles.members,
        "get-user-roles",
        USER,
        gdap=ROLE_READ_ROLES,
    ),
    row(
        "POST",
        _MEMBERS,
        people_roles.add,
        "set-user-roles-for-a-customer",
        USER,
        gdap=ROLE_WRITE_ROLES,
    ),
    row(
        "DELETE",
        f"{_MEMBERS}/{{user}}",
        people_roles.remove,
        "remove-a-customer-user-from-a-role",
        USER,
        gdap=ROLE_WRITE_ROLES,
    ),
)
