"""Whether a metric math expression is one: its grammar, its functions, and the metrics that it names by id."""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from typing import NamedTuple

import regex

PAGE = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"
_QUERY = regex.compile(r"SELECT\s+(AVG|COUNT|MAX|MIN|SUM)\(.+\)\s+FROM\s+\S.*", regex.DOTALL | regex.IGNORECASE)
"""A query of Metrics Insights stands in the place of an expression.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html"""

FUNCTIONS = {
    "ABS": (1, 1),
    "ANOMALY_DETECTION_BAND": (1, 2),
    "AVG": (1, 1),
    "CEIL": (1, 1),
    "DATAPOINT_COUNT": (1, 1),
    "DATE": (1, 1),
    "DAY": (1, 1),
    "DB_PERF_INSIGHTS": (3, 4),
    "DIFF": (1, 1),
    "DIFF_TIME": (1, 1),
    "EPOCH": (1, 1),
    "FILL": (2, 2),
    "FIRST": (1, 1),
    "FLOOR": (1, 1),
    "HOUR": (1, 1),
    "IF": (2, 3),
    "INSIGHT_RULE_METRIC": (2, 2),
    "LAMBDA": (1, 11),
    "LAST": (1, 1),
    "LOG": (1, 1),
    "LOG10": (1, 1),
    "MAX": (1, 1),
    "METRIC_COUNT": (1, 1),
    "METRICS": (0, 1),
    "MIN": (1, 1),
    "MINUTE": (1, 1),
    "MONTH": (1, 1),
    "PERIOD": (1, 1),
    "RATE": (1, 1),
    "REMOVE_EMPTY": (1, 1),
    "RUNNING_SUM": (1, 1),
    "SEARCH": (2, 3),
    "SERVICE_QUOTA": (1, 1),
    "SLICE": (2, 3),
    "SORT": (3, 4),
    "STDDEV": (1, 1),
    "SUM": (1, 1),
    "TIME_SERIES": (1, 1),
    "YEAR": (1, 1),
}
"""Function -> the fewest and the most arguments that it takes."""

_WORDS = {"FILL": {"REPEAT", "LINEAR"}, "SORT": {"AVG", "MIN", "MAX", "SUM", "ASC", "DESC"}}
"""What else may stand as an argument of a function."""
_OPERATORS = {"+", "-", "*", "/", "^", "==", "!=", "<=", ">=", "<", ">", "AND", "&&", "OR", "||"}
_TOKEN = regex.compile(
    r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')|(?P<name>[A-Za-z]\w*)"
    r"|(?P<sign>&&|\|\||[=!<>]=|[-+*/^<>()\[\],]))"
)
_DEEPEST = 50
"""Nobody nests so much, and Python follows a few hundred levels."""


class _Token(NamedTuple):
    kind: str
    text: str


class _WrongError(Exception):
    """The expression is none."""


def is_expression(text: str, ids: Set[str]) -> bool:
    """Whether CloudWatch takes the expression beside metrics and expressions of these ids."""
    if _QUERY.fullmatch(text.strip()):
        return True
    try:
        reader = _Reader(_tokens(text), ids)
        reader.expression()
        reader.end()
    except _WrongError:
        return False
    return True


def _tokens(text: str) -> list[_Token]:
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _WrongError
        kind, word = match.lastgroup, match[match.lastgroup]
        tokens.append(_Token("sign" if word in _OPERATORS else kind, word))
        position = match.end()
    return tokens


class _Reader:
    """Reads an expression once, from left to right. What binds first is of no interest here."""

    def __init__(self, tokens: list[_Token], ids: Set[str]) -> None:
        self._tokens = deque([*tokens, _Token("end", "")])
        self._ids = ids
        self._depth = 0

    def expression(self, words: Set[str] = frozenset()) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _WrongError
        self._operand(words)
        while self._next().text in _OPERATORS:
            self._take()
            self._operand()
        self._depth -= 1

    def end(self) -> None:
        if self._next().kind != "end":
            raise _WrongError

    def _operand(self, words: Set[str] = frozenset()) -> None:
        while self._next().text == "-":
            self._take()
        token = self._take()
        if token.text == "(":
            self.expression()
            self._expect(")")
        elif token.text == "[":
            if self._list("]") == 0:
                raise _WrongError
        elif token.text in FUNCTIONS and self._next().text == "(":
            self._call(token.text)
        elif token.kind not in ("number", "text") and token.text not in words and token.text not in self._ids:
            raise _WrongError

    def _call(self, function: str) -> None:
        self._expect("(")
        fewest, most = FUNCTIONS[function]
        if not fewest <= self._list(")", _WORDS.get(function, frozenset())) <= most:
            raise _WrongError

    def _list(self, closing: str, words: Set[str] = frozenset()) -> int:
        """How many there are up to the closing bracket, which is read too."""
        count = 0
        while self._next().text != closing:
            if count:
                self._expect(",")
            self.expression(words)
            count += 1
        self._take()
        return count

    def _expect(self, text: str) -> None:
        if self._take().text != text:
            raise _WrongError

    def _take(self) -> _Token:
        if self._next().kind == "end":
            raise _WrongError
        return self._tokens.popleft()

    def _next(self) -> _Token:
        return self._tokens[0]
