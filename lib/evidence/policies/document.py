"""A policy document, literal by literal, with all that AWS asks of each.

Identity policies, trust policies, policies of resources and of endpoints have the same elements; which of them a
document is, it does not say. What is not judged (ids, free texts of conditions, keys of services that
`condition_keys.TABLES` leaves out) is handed on without rules.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from lib.evidence.policies import authorization, condition_keys, principals
from lib.evidence.policies.arns import ACCOUNT, REGION, UNKNOWN, fits, glob_of, with_unknowns
from lib.evidence.policies.condition_keys import ADDRESS, ARN, BOOL, COMPARED_AS, DATE, NUMERIC, OPERATORS, PRESENCE
from lib.evidence.reading import as_list, leaves
from lib.evidence.template import Block
from lib.evidence.values.literal import Literal
from lib.evidence.values.references import is_reference
from lib.evidence.values.rule import Rule, as_number, one_of

_GRAMMAR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
_SID_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html"
_KEY_POLICIES = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"
_ARN_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
_SHOWN = 4
"""How many of the formats that an ARN can have a finding lists."""

_DOCUMENT = ("Version", "Id", "Statement")
_STATEMENT = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_CANNED_ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "aws-exec-read",
    "authenticated-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "log-delivery-write",
)


def judge(document: Any, path: str) -> Iterator[Literal]:
    """Every literal of a document that stands at a path; what is wholly an expression of Terraform's is none."""
    if not isinstance(document, dict):
        yield from _literals(document, path, ())
        return
    for name, value in document.items():
        below = f"{path}.{name}"
        if name == "Statement":
            for each in as_list(value):
                yield from _statement(each, below)
        elif name == "Version":
            yield from _literals(value, below, (_VERSION,))
        else:
            yield from _name(name, below, _DOCUMENT)
            yield from _literals(value, below, ())


def _statement(statement: Any, path: str) -> Iterator[Literal]:
    if not isinstance(statement, dict):
        yield from _literals(statement, path, ())
        return
    for name, value in statement.items():
        below = f"{path}.{name}"
        if name in _ELEMENTS:
            yield from _ELEMENTS[name](value, below, statement)
        else:
            yield from _name(name, below, _STATEMENT)
            yield from _literals(value, below, ())


def _name(name: str, path: str, known: tuple[str, ...]) -> Iterator[Literal]:
    """An element that the grammar does not have."""
    if name not in known:
        yield Literal(path, name, (one_of(*known, source=_GRAMMAR, check="members"),), is_name=True)


def _literals(value: Any, path: str, rules: tuple[Rule, ...]) -> Iterator[Literal]:
    """The texts, numbers and truth values at a path, in lists too; those of tables, which do not belong there, too."""
    for each in as_list(value):
        if isinstance(each, dict | list):
            for leaf in leaves(each, path):
                yield from _literal(leaf.value, leaf.path.replace("[]", ""), ())
        else:
            yield from _literal(each, path, rules)


def _literal(value: Any, path: str, rules: tuple[Rule, ...]) -> Iterator[Literal]:
    is_literal = not is_reference(value) if isinstance(value, str) else isinstance(value, int | float)
    if is_literal:
        yield Literal(path, value, rules)


def _sid(value: Any, path: str, statement: Block) -> Iterator[Literal]:
    yield from _literals(value, path, (_SID if _is_of_iam(statement) else _SID_OF_A_RESOURCE,))


def _is_of_iam(statement: Block) -> bool:
    """Whether a statement is of an identity or a trust policy, which IAM itself keeps."""
    actions = as_list(statement.get("Action"))
    return "Principal" not in statement or all(str(each).lower().startswith("sts:") for each in actions)


def _effect(value: Any, path: str, _: Block) -> Iterator[Literal]:
    yield from _literals(value, path, (_EFFECT,))


def _actions(value: Any, path: str, _: Block) -> Iterator[Literal]:
    for each in as_list(value):
        service = str(each).lower().partition(":")[0] if isinstance(each, str) else ""
        allowed = f"an action of {service}" if authorization.is_service(service) else "`service:Action`, or `*`"
        source = f"{authorization.SOURCE} {service}".rstrip()
        yield from _literals(each, path, (Rule("actions", allowed, source, _is_action),))


def _is_action(value: Any) -> bool:
    return isinstance(value, str) and bool(authorization.actions(glob_of(value)))


def _resources(value: Any, path: str, statement: Block) -> Iterator[Literal]:
    yield from _literals(value, path, (_resource_rule(_services(statement)),))


def _services(statement: Block) -> tuple[str, ...]:
    """The services whose actions a statement names; none for one that is about all but some, or about unknown ones."""
    named = [str(each).lower().partition(":")[0] for each in as_list(statement.get("Action", []))]
    known = tuple(dict.fromkeys(named))
    return known if all(authorization.is_service(each) for each in known) else ()


def _resource_rule(services: tuple[str, ...]) -> Rule:
    forms = tuple(dict.fromkeys(form for each in services for form in authorization.formats_of_service(each)))

    def accepts(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if _is_any(value):
            return True
        arn = glob_of(value)
        return any(fits(arn, form) for form in forms) if services else authorization.is_known_arn(arn)

    shown = ", ".join((*forms[:_SHOWN], *(["…"] if len(forms) > _SHOWN else [])))
    named = f"an ARN of {' or '.join(services)}: {shown}" if forms else "an ARN of a service"
    allowed = f"`*`, or {named}" if forms or not services else f"`*`: nothing of {' or '.join(services)} can be named"
    return Rule("arn_shapes", allowed, f"{authorization.SOURCE} {', '.join(services)}".rstrip(), accepts)


def _is_any(text: str) -> bool:
    """Whether a text is every ARN, or one of which not even the beginning is known."""
    return text == "*" or with_unknowns(text).startswith(UNKNOWN)


def _principals(value: Any, path: str, _: Block) -> Iterator[Literal]:
    if not isinstance(value, dict):
        yield from _literals(value, path, (_EVERYBODY,))
        return
    for kind, named in value.items():
        below = f"{path}.{kind}"
        yield from _name(kind, below, tuple(_PRINCIPALS))
        yield from _literals(named, below, _PRINCIPALS.get(kind, ()))


def _conditions(value: Any, path: str, _: Block) -> Iterator[Literal]:
    if not isinstance(value, dict):
        yield from _literals(value, path, ())
        return
    for operator, tests in value.items():
        below = f"{path}.{operator}"
        yield Literal(below, operator, (_OPERATOR,), is_name=True)
        if not isinstance(tests, dict):
            yield from _literals(tests, below, ())
            continue
        for key, values in tests.items():
            yield Literal(f"{below}.{key}", key, _rules_of_key(key, operator), is_name=True)
            yield from _literals(values, f"{below}.{key}", _rules_of_value(key, OPERATORS.get(operator)))


def _rules_of_key(key: str, operator: str) -> tuple[Rule, ...]:
    source = condition_keys.source_of(key)
    if condition_keys.is_known(with_unknowns(key)) is None:
        return ()
    rules = [Rule("condition_keys", "a condition key of AWS's", source, _is_condition_key)]
    compared = OPERATORS.get(operator)
    if compared is not None and condition_keys.kind_of(key) is not None:
        allowed = f"a key whose values {operator} can compare"
        rules.append(Rule("condition_keys", allowed, source, lambda value: _is_compared(value, compared)))
    return tuple(rules)


def _is_condition_key(value: Any) -> bool:
    return isinstance(value, str) and condition_keys.is_known(with_unknowns(value)) is not False


def _is_compared(key: Any, compared: str) -> bool:
    kind = condition_keys.kind_of(key) if isinstance(key, str) else None
    return kind is not None and compared in COMPARED_AS[kind]


def _rules_of_value(key: str, compared: str | None) -> tuple[Rule, ...]:
    """By how the values are compared; of texts, only those that cannot be any."""
    if compared in _COMPARED:
        return (_COMPARED[compared],)
    if key.lower().endswith("arn"):
        return (_COMPARED[ARN],)
    return _TEXTS.get(key.lower(), ())


def _is_truth(value: Any) -> bool:
    return value is True or value is False or (isinstance(value, str) and value.lower() in ("true", "false"))


def _is_address(value: Any) -> bool:
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "", strict=False)
    except ValueError:
        return isinstance(value, str) and UNKNOWN in with_unknowns(value)
    return True


def _is_moment(value: Any) -> bool:
    if as_number(value) is not None:
        return True
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return isinstance(value, str) and UNKNOWN in with_unknowns(value)
    return True


def _is_number(value: Any) -> bool:
    return as_number(value) is not None or (isinstance(value, str) and UNKNOWN in with_unknowns(value))


def _is_arn(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    return _is_any(value) or authorization.is_known_arn(glob_of(value))


def _text(pattern: str, allowed: str, source: str) -> tuple[Rule, ...]:
    """A text like a pattern, in which any part may be a wildcard or an expression."""
    compiled = re.compile(pattern)

    def accepts(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        return any(each in glob_of(value) for each in "*?") or compiled.fullmatch(value) is not None

    return (Rule("condition_values", allowed, source, accepts),)


_VERSION = one_of("2012-10-17", "2008-10-17", source=_GRAMMAR)
_EFFECT = one_of("Allow", "Deny", source=_GRAMMAR)
_EVERYBODY = one_of("*", source=principals.PAGE, check="principals")
_OPERATOR = Rule(
    "condition_operators",
    "an operator of conditions",
    condition_keys.OPERATORS_PAGE,
    lambda value: isinstance(value, str) and value in OPERATORS,
)


def _fully(pattern: str) -> Callable[[Any], bool]:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(with_unknowns(value)) is not None


_SID = Rule("patterns", "letters and digits", _SID_PAGE, _fully(f"[A-Za-z0-9{UNKNOWN}]*"))
_SID_OF_A_RESOURCE = Rule("patterns", "printable characters", _KEY_POLICIES, _fully(rf"[\x20-\xff{UNKNOWN}]*"))

_ELEMENTS: dict[str, Callable[[Any, str, Block], Iterator[Literal]]] = {
    "Sid": _sid,
    "Effect": _effect,
    "Action": _actions,
    "NotAction": _actions,
    "Resource": _resources,
    "NotResource": _resources,
    "Principal": _principals,
    "NotPrincipal": _principals,
    "Condition": _conditions,
}

_PRINCIPALS = {
    "AWS": (
        Rule("principals", "`*`, an account, or the ARN of a user or a role", principals.PAGE, principals.is_of_aws),
    ),
    "Service": (
        Rule(
            "principals",
            "a service of AWS: `ecs-tasks.amazonaws.com`",
            f"{authorization.SOURCE}, and principals.OTHER_SERVICES",
            principals.is_service,
        ),
    ),
    "Federated": (Rule("principals", "an identity provider", principals.PAGE, principals.is_federated),),
    "CanonicalUser": (Rule("principals", "64 hexadecimal digits", principals.PAGE, principals.is_canonical_user),),
}

_COMPARED = {
    kind: Rule("condition_values", allowed, condition_keys.OPERATORS_PAGE, accepts)
    for kind, allowed, accepts in (
        (BOOL, "true or false", _is_truth),
        (PRESENCE, "true or false", _is_truth),
        (ADDRESS, "an address or a range: `203.0.113.0/24`", _is_address),
        (NUMERIC, "a number", _is_number),
        (DATE, "a moment: `2026-01-31T00:00:00Z`, or seconds since 1970", _is_moment),
    )
} | {ARN: Rule("arn_shapes", "an ARN of a service, `*` in it or not", _ARN_PAGE, _is_arn)}

_TEXTS = {
    f"{prefix}:{name}".lower(): _text(pattern, allowed, condition_keys.TABLES[prefix].page)
    for prefix, names, pattern, allowed in (
        ("aws", "SourceAccount ResourceAccount PrincipalAccount VpceAccount", ACCOUNT, "an account: 12 digits"),
        ("kms", "CallerAccount", ACCOUNT, "an account: 12 digits"),
        ("s3", "ResourceAccount DataAccessPointAccount", ACCOUNT, "an account: 12 digits"),
        ("aws", "RequestedRegion", REGION, "a region"),
        ("kms", "ViaService", rf"[a-z0-9-]+\.{REGION}\.amazonaws\.com", "`service.region.amazonaws.com`"),
        ("s3", "x-amz-acl", "|".join(_CANNED_ACLS), f"one of {', '.join(_CANNED_ACLS)}"),
        ("s3", "x-amz-server-side-encryption", "AES256|aws:kms|aws:kms:dsse", "AES256, aws:kms or aws:kms:dsse"),
    )
    for name in names.split()
} | {
    key: (Rule("condition_values", "a service of AWS", condition_keys.source_of(key), principals.is_service),)
    for key in ("iam:passedtoservice", "aws:principalservicename")
}
"""Key -> what its texts have to be."""
