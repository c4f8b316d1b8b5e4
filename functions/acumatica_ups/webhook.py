"""Entry of the pair's webhooks: API Gateway calls `handler`. Imports stay light, they are the sender's waiting time."""

from acumatica_ups.senders import SENDERS
from connector.edge.receiver import receiver

handler = receiver(SENDERS)
