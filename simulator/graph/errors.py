"""Graph's error codes and sentences, each kept where clients match on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from simulator.tenants import JsonObject

BAD = "Request_BadRequest"


class GraphError(Exception):
    """An answer that is not a success."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[JsonObject] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        self.code = code
        self.message = message
        self.details = list(details)
        self.headers = dict(headers or {})

    def body(self, now: datetime, request_id: str, client_request_id: str) -> JsonObject:
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        error["innerError"] = {
            "date": f"{now:%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": client_request_id,
        }
        return {"error": error}


def bad_request(message: str, *details: JsonObject) -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, BAD, message, details=details)


def detail(code: str, target: str, message: str) -> JsonObject:
    return {"code": code, "message": message, "target": target}


def unauthorized(message: str) -> GraphError:
    return GraphError(
        HTTPStatus.UNAUTHORIZED,
        "InvalidAuthenticationToken",
        message,
        headers={"WWW-Authenticate": 'Bearer realm="", error="invalid_token"'},
    )


def denied() -> GraphError:
    return GraphError(
        HTTPStatus.FORBIDDEN,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )


def quota_exceeded() -> GraphError:
    return GraphError(
        HTTPStatus.FORBIDDEN,
        "Directory_QuotaExceeded",
        "The directory object quota limit for the Tenant has been exceeded.",
    )


def missing(key: str) -> GraphError:
    return GraphError(
        HTTPStatus.NOT_FOUND,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects"
        " are not present.",
    )


def no_segment(segment: str) -> GraphError:
    return GraphError(
        HTTPStatus.BAD_REQUEST, "BadRequest", f"Resource not found for the segment '{segment}'."
    )


def wrong_method() -> GraphError:
    return GraphError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        BAD,
        "Specified HTTP method is not allowed for the request target.",
    )


def not_simulated(what: str) -> GraphError:
    return GraphError(HTTPStatus.NOT_IMPLEMENTED, "NotImplemented", f"not simulated: {what}")


def unreadable() -> GraphError:
    return GraphError(
        HTTPStatus.BAD_REQUEST,
        "BadRequest",
        "Unable to read JSON request payload. Please ensure Content-Type header is set and"
        " payload is of valid JSON format.",
    )


def unsupported_query(message: str = "Unsupported Query.") -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", message)


def throttled(retry_after: int, scope: str) -> GraphError:
    headers = {
        "Retry-After": str(retry_after),
        "x-ms-throttle-scope": scope,
        "x-ms-throttle-information": "WriteLimitExceeded",
    }
    return GraphError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "TooManyRequests",
        "Please retry again later.",
        headers=headers,
    )


def expired_delta(restart: str) -> GraphError:
    return GraphError(
        HTTPStatus.GONE,
        "syncStateNotFound",
        "The sync state generation is not found; continue with a full synchronization.",
        headers={"Location": restart},
    )


def invalid_page_token() -> GraphError:
    return GraphError(
        HTTPStatus.BAD_REQUEST,
        "Directory_InvalidPageToken",
        "The specified page token value is invalid.",
    )


def conflict(name: str) -> GraphError:
    message = f"Another object with the same value for property {name} already exists."
    return bad_request(message, detail("ObjectConflict", name, message))


def invalid_value(name: str) -> GraphError:
    message = f"Invalid value specified for property '{name}' of resource 'User'."
    return bad_request(message, detail("InvalidValue", name, message))


def required(name: str) -> GraphError:
    return bad_request(f"Property {name} value is required but is empty or missing.")


def unknown_property(name: str) -> GraphError:
    return bad_request(
        f"Property '{name}' does not exist as a declared property or extension property."
    )


def read_only(name: str) -> GraphError:
    return bad_request(f"Property '{name}' is read-only and cannot be set.")


def null_collection(name: str) -> GraphError:
    return bad_request(
        f"A null value was found for the property named '{name}', which has the expected type"
        " 'Collection(Edm.String)[Nullable=False]'. The expected type"
        " 'Collection(Edm.String)[Nullable=False]' does not allow null values."
    )


def weak_password() -> GraphError:
    message = (
        "The specified password does not comply with password complexity requirements."
        " Please provide a different password."
    )
    return bad_request(message, detail("InvalidValue", "password", message))


def unverified_domain() -> GraphError:
    return bad_request(
        "The domain portion of the userPrincipalName property is invalid."
        " You must use one of the verified domain names in your organization."
    )


def no_source_anchor() -> GraphError:
    return bad_request("SourceAnchor is a required property for creation of a federated user.")


def on_premises_mastered() -> GraphError:
    return bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync"
        " objects or objects currently undergoing migration."
    )
