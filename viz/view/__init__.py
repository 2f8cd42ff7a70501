"""The browser view: a city with and without a policy, side by side, and why what happened did.

Record, then play: a worker process runs both arms and hands over immutable weeks; the server keeps
finished recordings and passes them on; browsers play them. What another scenario would have brought
(a lever changed on day 143, a shooting solved) is always a replay from the same burnt-in city, so
that a link opens to the same life.
"""
