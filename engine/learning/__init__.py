"""Learning: labels, members, their weighted vote, calibrated probability, and what a call rests on."""
