"""What a backtest is worth: figures, baselines, months, costs, doubts; made here, stored as JSON, written as HTML."""
