"""Floor 2: what fills make of money and coins, and what that is worth."""
