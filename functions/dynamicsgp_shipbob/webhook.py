"""Entry of the pair's webhooks: API Gateway calls `handler`. Imports stay light, they are the sender's waiting time."""

from connector.edge.receiver import receiver
from dynamicsgp_shipbob.senders import SENDERS

handler = receiver(SENDERS)
