"""Entry of the pair's poller: EventBridge Scheduler and the jobs queue call `handler`."""

from connector.entry import poller
from dynamicsgp_shipbob.flows import PAIR

handler = poller(PAIR)
