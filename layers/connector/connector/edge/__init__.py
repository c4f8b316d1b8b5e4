"""The edge: what arrives from outside is proven, stored durably and only then answered with 2xx.

    receiver.py            API Gateway event -> answer
    request.py             route, size and raw body of an API Gateway event
    sender.py              the words: Sender, Delivery, Verdict, Identity
    standard_webhooks.py   scheme: HMAC-SHA256 after Standard Webhooks (ShipBob)
    shared_header.py       scheme: one secret header (Acumatica push, UPS Track Alert v1)
    push_tokens.py         scheme: a bearer token that the sender fetches from us (UPS Track Alert v2)
    url_token.py           scheme: an unguessable token in the URL (ShipStation V1)
    key_signature.py       scheme: RSA-SHA256 by a published key, where the sender signs (ShipStation)
    envelope.py            proven delivery -> one message on the events queue
    secret.py              the documents of a webhook secret
    quarantine.py          what no present secret proves, kept sealed until a person has it verified again
    cache.py               configuration and secrets kept in memory for a while

Nothing here imports requests, pydantic, boto3 or a vendor's package: a test holds the cold start to that.
"""
