"""List the endpoints about tenants: looking before one is made, adoption, agreements."""

from http import HTTPStatus

from shared.api import tenants
from shared.api.endpoint import Endpoint, Roles

OK, CREATED = HTTPStatus.OK, HTTPStatus.CREATED
READERS, OPERATORS = Roles.READERS, Roles.OPERATORS

TENANTS = (
    Endpoint(
        "GET",
        "domains/{prefix}/availability",
        tenants.get_domain,
        "Whether a tenant can be made with this prefix",
        READERS,
        {OK: tenants.DomainReply},
        query=tenants.ThroughConnection,
    ),
    Endpoint(
        "GET",
        "countries/{country}/rules",
        tenants.get_country_rules,
        "What Microsoft asks of an address in a country",
        READERS,
        {OK: tenants.CountryRulesReply},
        query=tenants.ThroughConnection,
    ),
    Endpoint(
        "GET",
        "connections/{connectionId}/customers",
        tenants.list_candidates,
        "List the tenants that Microsoft has for a connection",
        READERS,
        {OK: tenants.CandidateList},
        "Those that are not on record here can be adopted.",
    ),
    Endpoint(
        "POST",
        "customers/link",
        tenants.link_customer,
        "Get the link by which an existing tenant accepts us",
        OPERATORS,
        {OK: tenants.LinkReply},
        "Nothing is kept; after the administrator has accepted, adopt the tenant.",
        body=tenants.LinkBody,
    ),
    Endpoint(
        "POST",
        "customers/{customerId}/adopt",
        tenants.put_on_record,
        "Look after a tenant that has accepted us",
        OPERATORS,
        {OK: tenants.AdoptedReply},
        "Its country must be one of the connection's; our application is let in where it can be.",
        body=tenants.LinkBody,
        spends=True,
    ),
    Endpoint(
        "GET",
        "customers/{customerId}/agreement",
        tenants.get_agreement,
        "Whether the customer accepted Microsoft's agreement",
        READERS,
        {OK: tenants.AgreementReply},
        "Read from Microsoft at this moment.",
    ),
    Endpoint(
        "POST",
        "customers/{customerId}/agreement",
        tenants.create_agreement,
        "Record that the customer accepted Microsoft's agreement",
        OPERATORS,
        {CREATED: tenants.AgreementReply, HTTPStatus.ACCEPTED: tenants.AgreementReply},
        "202 where the connection's form wants the customer's own acceptance: `link` is the page "
        "for it, and the same request with another key confirms afterwards.",
        body=tenants.AcceptanceBody,
        spends=True,
    ),
)
