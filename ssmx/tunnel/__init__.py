"""Keep ports of this machine that lead to far ones, whatever becomes of the sessions behind them."""
