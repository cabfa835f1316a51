"""The fault matrix: sessions of the whole engine at the test exchange, with everything going wrong at every step.

    python -m tests.exchange.matrix --scenarios 2000 --seed 1 --json
    python -m tests.exchange.matrix --scenarios 1 --seed 417          # the story of one session

One seed is one session: entries decided and by hand, exits by signal, stop, target, time and operator, partial fills,
faults and kills, on several instruments; a virtual clock, no socket, no thread. Each session aims at one cell, a fault
at a step of an order's life, and throws others beside it. After it the exchange is healed and the engine given
its time; then every order, fill and balance of the ledger is held against the exchange's own.

steps.py where in an order's life    cells.py fault x step    plan.py a session from its seed    story.py what happened
world.py exchange, clock, faults and the processes that come and go    process.py one of them    market.py its prices
line.py its user stream    troubles.py how a fault is thrown    wishes.py what the operator asks for
bare.py how long a position was without its stop    judge.py ledger against exchange    session.py one session
run.py many of them    __main__.py the command
abroad.py the engine as a process over real sockets    real.py one such session with its kills
"""
