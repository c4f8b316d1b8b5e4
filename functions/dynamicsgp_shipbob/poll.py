"""Entry of the pair's poller: EventBridge Scheduler and the jobs queue call `handler`."""

from dynamicsgp_shipbob.flows import PAIR
from connector.entry import poller

handler = poller(PAIR)
