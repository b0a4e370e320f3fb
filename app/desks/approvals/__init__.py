"""Plans are put forward, commented on and approved; companies are shown their areas."""
