"""Entry of the pair's poller: EventBridge Scheduler and the jobs queue call `handler`."""

from acumatica_shipstation.flows import PAIR
from connector.entry import poller

handler = poller(PAIR)
