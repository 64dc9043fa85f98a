"""The resident parent of the operations of one package in a plugin environment: it imports once and forks for each operation.

It speaks in lines of JSON: requests come through what was standard input, answers leave through what was standard output,
and what was standard error is the life line. Its end in the agent is never read and never written; the kernel kills
this process when it is closed, whatever this process is doing then.

A child does what `python -u -m cloudify.dispatch <directory>` does. Where it could come to another result than a process
that was started for the operation alone, the request is answered with "cold" and nothing is forked.
"""

import atexit
import fcntl
import gc
import importlib
import importlib.util
import json
import os
import random
import runpy
import select
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import types

OLDEST_PYTHON = (3, 8)
# Where imports may keep random numbers of their own that a child would share with the next one.
SHARED_RANDOMNESS = ("numpy.random",)
RANDOM_FILES = ("/dev/urandom", "/dev/random")
HARMLESS_FILES = ("/dev/null", "/dev/zero") + RANDOM_FILES
# What gives each process numbers of its own: wherever modules hold these functions, calls are noticed.
RANDOM_FUNCTIONS = (
    ("os", "urandom"),
    ("os", "getrandom"),
    ("_ssl", "RAND_bytes"),
    ("_ssl", "RAND_pseudo_bytes"),
    ("_uuid", "generate_time_safe"),
)
STARTS_PROCESS = frozenset(
    ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn", "subprocess.Popen")
)
CHANGES_FILES = frozenset(
    (
        "fcntl.flock",
        "fcntl.lockf",
        "os.chmod",
        "os.chown",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "os.utime",
    )
)
USES_NETWORK = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# These only hold what the process has anyway; the end of the process closes them as their finalizers would.
PLAIN_SOCKETS = (socket.socket, ssl.SSLSocket)
BEGUN = ".begun"
# By this variable the agent finds what an operation has started, wherever it went; the launcher of the cold way sets it as well.
GROUP_VARIABLE = "OPERATIVE_PROCESS_GROUP"
SCRATCH_VARIABLE = "CFY_EXEC_TEMP"
# Draws a key for its process when it is imported, as libraries often do that use it for something else. A child renews it
# as long as nobody has read it.
KEYED_MODULE = "multiprocessing.process"


class Unfit(Exception):
    """Why operations of this environment must not be forked."""


def path_text(path):
    try:
        return os.fsdecode(path)
    except TypeError:
        return ""


def own_stat():
    """The fields of /proc/self/stat from the third on."""
    with open("/proc/self/stat") as file:
        return file.read().rpartition(")")[2].split()


def mark_memory(mark):
    """Writes the group's mark over the room for it in the environment that this program was started with.

    That is what the agent can see of the environment of a process, also of one that was only forked. Where the room is
    gone, or the system does not let it be written, the session of the child is found by its number.
    """
    try:
        begin, end = (int(field) for field in own_stat()[47:49])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(begin)
            block = b"\0" + memory.read(end - begin)
            name = b"\0" + GROUP_VARIABLE.encode() + b"="
            place = block.find(name) + len(name)
            room = block.find(b"\0", place) - place
            if place < len(name) or room < len(mark):
                return
            memory.seek(begin + place - 1)
            memory.write(mark.encode().ljust(room, b"\0"))
    except (OSError, ValueError):
        pass


class ImportWatch:
    """What imports do beyond the memory of this process, and the files that they read."""

    def __init__(self, signature):
        self.active = False
        self.deeds = []
        self.signature = signature
        self.library = os.path.dirname(os.__file__) + os.sep
        sys.addaudithook(self._event)

    def _event(self, event, arguments):
        if not self.active:
            return
        if event == "open":
            self._opened(*arguments[:3])
        elif event in STARTS_PROCESS:
            self.deeds.append("starts a process")
        elif event in USES_NETWORK:
            self.deeds.append("uses the network")
        elif event in CHANGES_FILES:
            path = path_text(arguments[0]) if arguments else ""
            if "__pycache__" not in path and ".pyc" not in path:
                self.deeds.append("changes files (%s %s)" % (event, path))

    def _opened(self, path, _mode, flags):
        path = path_text(path)
        if path in RANDOM_FILES:
            self.draws()
        if not flags & WRITES and path.endswith(".pyc"):
            path = self.source(path)
        if not path or path in HARMLESS_FILES or "__pycache__" in path or ".pyc" in path:
            return
        if flags & WRITES:
            self.deeds.append("writes to %s" % path)
        elif not path.startswith(("/proc/", "/sys/", "/dev/", self.library)) or "site-packages" in path:
            # Before it is read: a file that changes later is another one.
            self.signature.add(os.path.abspath(path))

    @staticmethod
    def source(path):
        try:
            return importlib.util.source_from_cache(path)
        except ValueError:
            return path

    def draws(self):
        if self.active:
            self.deeds.append("draws random numbers")


class Randomness:
    """Notices random numbers that an import draws or prepares, which each operation's own process would have for itself."""

    def __init__(self, watch):
        self.watch = watch

    def __enter__(self):
        self.state = random.getstate()
        self.seed = seed = random.Random.seed
        self.key = None
        self.counted = {}
        for module, name in RANDOM_FUNCTIONS:
            function = getattr(sys.modules.get(module), name, None)
            if function is not None:
                self.counted[function] = self.counting(function)

        def counted_seed(generator, a=None, *arguments, **named):
            if a is None:
                self.watch.draws()
            return seed(generator, a, *arguments, **named)

        random.Random.seed = counted_seed
        replace_everywhere(self.counted)
        if KEYED_MODULE in sys.modules:
            self.watch_key(sys.modules[KEYED_MODULE].BaseProcess)
        return self

    def counting(self, function):
        def counted(*arguments, **named):
            caller = sys._getframe(1).f_globals
            if caller.get("__name__") == KEYED_MODULE and "BaseProcess" in caller:
                self.watch_key(caller["BaseProcess"])
            else:
                self.watch.draws()
            return function(*arguments, **named)

        return counted

    def watch_key(self, process):
        """Notices who reads the key of this process, or makes another process that has it as well."""
        if self.key is not None:
            return
        authkey, initialise = self.key_of, self.initialise = process.authkey, process.__init__
        self.key = process

        def read(self_):
            self.watch.draws()
            return authkey.fget(self_)

        def counted_initialise(*arguments, **named):
            self.watch.draws()
            return initialise(*arguments, **named)

        process.authkey = property(read, authkey.fset, None, authkey.__doc__)
        process.__init__ = counted_initialise

    def __exit__(self, *_):
        replace_everywhere({counted: function for function, counted in self.counted.items()})
        random.Random.seed = self.seed
        if self.key is not None:
            self.key.authkey, self.key.__init__ = self.key_of, self.initialise
        if random.getstate() != self.state:
            self.watch.draws()
        return False


def replace_everywhere(functions):
    """Puts functions in the place of others in all modules that have them as globals."""
    identities = {id(old): new for old, new in functions.items()}
    for module in list(sys.modules.values()):
        if type(module) is types.ModuleType:
            for name, value in list(vars(module).items()):
                if id(value) in identities:
                    setattr(module, name, identities[id(value)])


class TemporaryPlace:
    """Where temporary files go is tried out with a file of a random name by the first who asks.

    When that was the import, each child tries it out again among the same folders, as its own import would.
    """

    def __init__(self, watch):
        self.watch = watch
        self.place = self.folders = None
        self.find, tempfile._get_default_tempdir = tempfile._get_default_tempdir, self.find_unwatched

    def find_unwatched(self, *arguments):
        active, self.watch.active = self.watch.active, False
        try:
            self.folders = tempfile._candidate_tempdir_list()
            self.place = self.find(*arguments)
            return self.place
        finally:
            self.watch.active = active

    def renew(self):
        tempfile._get_default_tempdir = self.find
        if self.place is None or tempfile.tempdir != self.place:
            return
        candidates, tempfile._candidate_tempdir_list = tempfile._candidate_tempdir_list, lambda: self.folders
        try:
            tempfile.tempdir = self.find()
        except OSError:
            tempfile.tempdir = None
        finally:
            tempfile._candidate_tempdir_list = candidates


class Signature:
    """Tells whether files are still the ones that were imported, and folders of modules still hold the same ones."""

    def __init__(self):
        self.files = {}
        self.folders = {}
        self.unsteady = None

    @staticmethod
    def now():
        """By the clock that stamps files, which is a bit behind the other."""
        return time.clock_gettime_ns(getattr(time, "CLOCK_REALTIME_COARSE", 5))

    def look_for_changes(self, since):
        """Remembers a file that was changed while it was imported: nobody knows which of the two was read.

        A time of change in the future is of no meaning: a clock that was set.
        """
        for path in self.files:
            try:
                changed = os.stat(path).st_ctime_ns
            except OSError:
                continue
            if since <= changed <= time.time_ns():
                self.unsteady = path

    @staticmethod
    def of(path):
        try:
            found = os.stat(path)
        except OSError:
            return None
        return (found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns)

    @staticmethod
    def modules(folder):
        """What could be imported from a folder. Other files may come and go there."""
        try:
            names = os.listdir(folder)
        except OSError:
            return None
        endings = (".py", ".pyc", ".so", ".pth", ".egg-link", ".zip")
        return {name for name in names if name.endswith(endings) or (name.isidentifier() and name != "__pycache__")}

    def add(self, path):
        if path not in self.files:
            self.files[path] = self.of(path)

    def add_folder(self, path):
        if path not in self.folders:
            self.folders[path] = (self.of(path), self.modules(path))

    def changed(self):
        if self.unsteady is not None:
            return self.unsteady
        for path, known in self.files.items():
            if self.of(path) != known:
                return path
        for path, (known, modules) in self.folders.items():
            now = self.of(path)
            if now == known:
                continue
            if self.modules(path) != modules:
                return path
            self.folders[path] = (now, modules)
        return None


class Child:
    def __init__(self, number, pid, go, watch):
        self.number = number
        self.pid = pid
        self.go = go
        self.watch = watch


class Parent:
    def __init__(self, commands, answers, lifeline, output):
        self.commands = commands
        self.answers = answers
        self.lifeline = lifeline
        self.output = output
        self.signature = Signature()
        self.watch = ImportWatch(self.signature)
        self.temporary = TemporaryPlace(self.watch)
        self.children = {}
        self.imported = []
        self.printed = b""
        self.spoilt = None
        self.descriptors = None
        self.shared = None
        self.finalizers = False
        self.log_setup = None
        self.buffer = b""
        self.poll = select.poll()

    # What is told to the agent

    def tell(self, **answer):
        data = json.dumps(answer).encode() + b"\n"
        while data:
            data = data[os.write(self.answers, data):]

    # Imports

    def prepare(self, files):
        """Imports what every operation needs, and keeps the state of logging as it is before a plugin's import."""
        begin = self.signature.now()
        for path in files:
            self.signature.add(path)
        import cloudify
        import cloudify.dispatch
        from cloudify import logs

        if not callable(getattr(cloudify.dispatch, "main", None)) or not hasattr(logs, "setup_subprocess_logger"):
            raise Unfit("its cloudify-common is too old")
        self.signature.add(cloudify.dispatch.__file__)
        # A child runs this module as its main program, like `python -m`: it must not have been imported before.
        del sys.modules["cloudify.dispatch"]
        del cloudify.dispatch
        self.log_setup = logs.setup_subprocess_logger
        self.log_setup()
        self.take_output()
        self.descriptors = self.open_files()
        self.shared = self.shared_memory()
        self.remember_files(begin)
        self.freeze()

    @staticmethod
    def freeze():
        """Nothing there is yet is looked at by the collector again: its marks would copy every page in every child."""
        gc.collect()
        gc.freeze()

    @staticmethod
    def shared_memory():
        """Memory that stays one with that of the children."""
        with open("/proc/self/maps") as file:
            mappings = [line.split(None, 5) for line in file]
        return {mapping[0] for mapping in mappings if mapping[1][1] == "w" and mapping[1][3] == "s"}

    def open_files(self):
        found = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                found[int(name)] = os.readlink("/proc/self/fd/" + name)
            except OSError:
                pass  # the one that listed them
        return found

    def take_output(self):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        size = os.fstat(self.output).st_size
        written = os.pread(self.output, size, 0) if size else b""
        os.ftruncate(self.output, 0)
        os.lseek(self.output, 0, os.SEEK_SET)
        return written

    def remember_files(self, since):
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and (not path.startswith(self.watch.library) or "site-packages" in path):
                self.signature.add(path)
        for path in sys.path:
            self.signature.add_folder(path or ".")
        self.signature.look_for_changes(since)

    def load(self, module):
        """Imports a plugin's module as an operation would, and raises Unfit where that may be done once only."""
        begin = self.signature.now()
        self.watch.active = True
        try:
            with Randomness(self.watch):
                importlib.import_module(module)
        except BaseException as error:
            raise Unfit("importing %s fails: %s: %s" % (module, type(error).__name__, error))
        finally:
            self.watch.active = False
            self.remember_files(begin)
        self.imported.append(module)
        self.printed += self.take_output()
        if self.printed and len(self.imported) > 1:
            raise Unfit("importing %s writes output, and it has several modules" % self.imported)
        for name in SHARED_RANDOMNESS:
            if name in sys.modules:
                raise Unfit("importing %s loads %s, which has random numbers of its own" % (module, name))
        if self.watch.deeds:
            raise Unfit("importing %s %s" % (module, self.watch.deeds[0]))
        if signal.getsignal(signal.SIGCHLD) is not signal.SIG_DFL:
            raise Unfit("importing %s handles the ends of processes" % module)
        if any(signal.getitimer(timer)[0] for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)):
            raise Unfit("importing %s sets a timer" % module)
        ours = {child.go for child in self.children.values()} | {child.watch for child in self.children.values()}
        for descriptor, target in self.open_files().items():
            if descriptor not in self.descriptors and descriptor not in ours and target not in HARMLESS_FILES:
                raise Unfit("importing %s leaves %s open" % (module, target))
        if self.shared_memory() - self.shared:
            raise Unfit("importing %s shares memory with processes that it forks" % module)
        gc.collect()
        # Afterwards nobody sees them any more.
        self.finalizers = self.finalizers or any(has_finalizer(thing) for thing in gc.get_objects())
        self.freeze()

    # Operations

    def run(self, number, directory, module, log, scratch):
        """Forks a child that waits for the agent's word. Returns the arguments of `become` in the child, else None."""
        changed = self.signature.changed()
        if changed:
            self.tell(stale=number, because="%s has changed" % changed)
            return None
        if self.spoilt is None and module not in self.imported:
            self.tell(importing=number)
            try:
                self.load(module)
            except Unfit as error:
                self.spoilt = (module, str(error))
            changed = self.signature.changed()
            if changed:
                self.tell(stale=number, because="%s changed while it was imported" % changed)
                return None
        if self.spoilt is not None:
            self.refuse(number, module)
            return None
        reader, go = os.pipe2(os.O_CLOEXEC)
        if len(os.listdir("/proc/self/task")) != 1:
            os.close(reader)
            os.close(go)
            self.tell(cold=number, because="it has more than one thread", always=False)
            return None
        pid = os.fork()
        if pid == 0:
            return reader, go, directory, log, scratch
        os.close(reader)
        watch = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        self.children[pid] = Child(number, pid, go, watch)
        if watch is not None:
            self.poll.register(watch, select.POLLIN)
        self.tell(began=number, pid=pid)
        return None

    def refuse(self, number, module):
        spoiler, reason = self.spoilt
        if module == spoiler:
            self.tell(cold=number, because=reason, always=True)
        else:
            # Only what that import left behind is in the way: another parent may do.
            self.tell(stale=number, because=reason)

    def close_ours(self, go):
        os.close(go)
        for child in self.children.values():
            for descriptor in (child.go, child.watch):
                if descriptor is not None:
                    os.close(descriptor)
        for descriptor in (self.commands, self.answers, self.lifeline):
            os.close(descriptor)

    def release(self, number, word):
        for child in self.children.values():
            if child.number == number and child.go is not None:
                try:
                    if word:
                        os.write(child.go, b"g")
                except BrokenPipeError:
                    pass  # it was killed before
                os.close(child.go)
                child.go = None

    def reap(self):
        for pid in list(self.children):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            child = self.children.pop(pid)
            for descriptor in (child.go, child.watch):
                if descriptor is not None:
                    if descriptor == child.watch:
                        self.poll.unregister(descriptor)
                    os.close(descriptor)
            kind = "signal" if os.WIFSIGNALED(status) else "exit"
            value = os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            self.tell(ended=child.number, resident=self.resident(), **{kind: value})

    @staticmethod
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    # The loop

    def lines(self):
        """Complete requests; None at the end."""
        data = os.read(self.commands, 65536)
        if not data:
            return None
        *complete, self.buffer = (self.buffer + data).split(b"\n")
        return [json.loads(line) for line in complete]

    def serve(self):
        """Works until the agent closes the pipe. Returns in a child only, with what it is to become."""
        self.poll.register(self.commands, select.POLLIN)
        while True:
            blind = any(child.watch is None for child in self.children.values())
            ready = dict(self.poll.poll(10 if blind else None))
            self.reap()
            if self.commands not in ready:
                continue
            requests = self.lines()
            if requests is None:
                os._exit(0)
            for request in requests:
                if "run" in request:
                    child = self.run(
                        request["run"], request["directory"], request["module"], request["log"], request["scratch"]
                    )
                    if child is not None:
                        return child
                elif "go" in request:
                    self.release(request["go"], True)
                elif "drop" in request:
                    self.release(request["drop"], False)
                elif "ping" in request:
                    self.tell(pong=request["ping"])

    # The child

    def become(self, reader, go, directory, log, scratch):
        """Takes the place of a process of its own. Nothing of the operation has been touched when no word comes."""
        os.setsid()
        self.close_ours(go)
        word = os.read(reader, 1)
        os.close(reader)
        if not word:
            os._exit(0)
        os.close(os.open(os.path.join(directory, BEGUN), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        output = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.close(output)
        os.close(self.output)
        if self.printed:
            os.write(1, self.printed)
        mark = "%d.%s" % (os.getpid(), own_stat()[19])
        mark_memory(mark)
        os.environ[GROUP_VARIABLE] = mark
        if scratch is not None:
            os.environ[SCRATCH_VARIABLE] = scratch
        importlib.invalidate_caches()
        if KEYED_MODULE in sys.modules:
            sys.modules[KEYED_MODULE].current_process().authkey = os.urandom(32)
        self.temporary.renew()
        self.skip_log_setup()
        sys.argv[:] = ["-m", directory]
        if hasattr(sys, "orig_argv"):
            sys.orig_argv[:] = [sys.executable, "-u", "-m", "cloudify.dispatch", directory]

    def skip_log_setup(self):
        """The parent has done it, before the plugin's import as always; what that import changed must stay."""
        from cloudify import logs

        def done_already():
            logs.setup_subprocess_logger = self.log_setup

        logs.setup_subprocess_logger = done_already


def has_finalizer(thing):
    kind = type(thing)
    return hasattr(kind, "__del__") and kind not in PLAIN_SOCKETS


def leave(finalizers):
    """The end of an interpreter without taking apart 400 modules, which would copy the parent's memory first.

    What an operation can see of an end happens: threads are waited for, exit handlers run, streams are flushed. Where
    anything is left that has a finalizer, the interpreter ends in its usual way.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    gc.collect()
    if finalizers or any(has_finalizer(thing) for thing in gc.get_objects()):
        gc.unfreeze()
        return
    status = 0
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:
            status = 120
    os._exit(status)


def dispatch(finalizers):
    main = sys.modules["__main__"].__dict__
    for name in [name for name in main if not (name.startswith("__") and name.endswith("__"))]:
        del main[name]
    try:
        runpy._run_module_as_main("cloudify.dispatch")
    except (SystemExit, KeyboardInterrupt):
        gc.unfreeze()
        raise
    except BaseException as error:
        # Without the frame of this function, as python -m tells it.
        error = error.with_traceback(error.__traceback__.tb_next)
        sys.excepthook(type(error), error, error.__traceback__)
        gc.unfreeze()
        sys.exit(1)
    leave(finalizers)


def take_over_streams():
    """Standard streams as a process of its own would find them, and the pipes to the agent out of everybody's way."""
    commands, answers, lifeline = (fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3) for number in (0, 1, 2))
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    output = os.memfd_create("output", os.MFD_CLOEXEC)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    return commands, answers, lifeline, output


def reset_signals():
    """As they are in a program that the launcher starts, and Python after that: the agent may ignore more."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.valid_signals():
        if signal.getsignal(number) is signal.SIG_IGN and number not in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def hold_lifeline(lifeline):
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, getattr(fcntl, "F_SETSIG", 10), signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    watch = select.poll()
    watch.register(lifeline, 0)
    if watch.poll(0):
        os._exit(0)


def main(files):
    sys.argv[:] = ["-m"]
    if sys.version_info < OLDEST_PYTHON:
        os.write(1, b'{"unfit": "its Python is older than 3.8"}\n')
        return
    if sys.path and sys.path[0] == "":
        sys.path[0] = os.getcwd()
    reset_signals()
    streams = take_over_streams()
    hold_lifeline(streams[2])
    parent = Parent(*streams)
    try:
        parent.prepare(files)
    except BaseException as error:
        parent.tell(unfit=str(error) if isinstance(error, Unfit) else "%s: %s" % (type(error).__name__, error))
        os._exit(0)
    parent.tell(ready=os.getpid())
    child = parent.serve()
    parent.become(*child)
    finalizers = parent.finalizers
    parent = None
    dispatch(finalizers)
