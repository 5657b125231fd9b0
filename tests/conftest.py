"""Signals as a process has them that was started at a prompt."""

import signal

# A shell that runs the tests in the background ignores some, and so would the processes
# that tests start and interrupt.
for _name, _handler in (
    ("SIGINT", signal.default_int_handler),
    ("SIGHUP", signal.SIG_DFL),
    ("SIGQUIT", signal.SIG_DFL),
):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, _handler)
