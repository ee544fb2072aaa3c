"""An executor that works here and now."""

from concurrent.futures import Executor, Future


class Inline(Executor):
    """Has done the work, in this process, before `submit` comes back."""

    def prepare(self): ...

    def submit(self, function, /, *arguments):
        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future
