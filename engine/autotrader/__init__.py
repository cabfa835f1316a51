"""Floor 4: the live machine. `cycle.py` is one trading cycle; read it together with `strategy/decide.py`."""
