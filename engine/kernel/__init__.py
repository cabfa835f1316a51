"""Floor 1: the compiled arithmetic of money that risk, portfolio, matching and the backtest share."""
