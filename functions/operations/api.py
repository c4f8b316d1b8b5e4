"""Entry of the operator API: API Gateway calls `handler` after it has checked the caller's IAM signature."""

from operations.respond import operator_api

handler = operator_api()
