"""What every script here needs: counting checks, running the program, waiting for something to become true."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = ROOT / "target" / "debug" / "alpha"
# Literals for the TypeScript compiler lie where it finds the types that it judges them by.
WORK = HERE / ".work"


class Checks:
    """Counts what was checked, and names each thing that isn't so."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def ok(self, name, holds, detail=""):
        if holds:
            self.passed += 1
            print(f"ok    {name}")
        else:
            self.failed += 1
            print(f"FAIL  {name}: {detail}")
        return bool(holds)

    def same(self, name, found, expected):
        return self.ok(name, found == expected, f"expected {expected!r}, found {found!r}")

    def refused(self, name, error, call):
        """Whether a call of a client raises Slack's error of this name."""
        try:
            answer = call()
        except Exception as raised:  # noqa: BLE001 - whatever was raised is what is looked at
            found = getattr(raised, "response", None)
            code = found.get("error") if found is not None else repr(raised)
            return self.same(name, code, error)
        return self.ok(name, False, f"it was accepted: {answer}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def wait(what, condition, seconds=30):
    """Waits until a condition gives something true, and gives that; a deadline fails the script."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise TimeoutError(f"{what} did not come true within {seconds} s")


class Program:
    """The program at work, in a folder of its own, until the block ends."""

    def __init__(self, *arguments, files=None, **environment):
        self.arguments = arguments
        self.environment = environment
        self.files = files or {}

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="alpha-peers-")
        self.folder = pathlib.Path(self.scratch.name)
        # What the caller has set for a service of theirs is no business of this one.
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(("ALPHA_", "SLACK_"))}
        for name, value in self.environment.items():
            self.variables[name] = value.format(folder=self.folder)
        for name, text in self.files.items():
            (self.folder / name).write_text(text)
        self.log = open(self.folder / "log", "w+b")
        self.process = subprocess.Popen(
            [PROGRAM, *(one.format(folder=self.folder) for one in self.arguments)],
            cwd=self.folder, env=self.variables, stdout=self.log, stderr=self.log,
        )
        try:
            self.address = wait("an address to listen on", self._address)
            wait("readiness", self._ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.scratch.cleanup()

    def said(self):
        return (self.folder / "log").read_text(errors="replace")

    def _address(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the program ended with {self.process.returncode}: {self.said()}")
        for word in self.said().replace('"', " ").split():
            if word.startswith("http://127.0.0.1:") and not word.startswith("http://127.0.0.1:0"):
                return word.rstrip("/")
        return None

    def _ready(self):
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def run(self, *arguments):
        """Runs the program once more beside itself, on the same store, and gives what it says as JSON."""
        done = subprocess.run(
            [PROGRAM, *arguments, "--output", "json"], cwd=self.folder, env=self.variables,
            capture_output=True, text=True, timeout=60, check=True,
        )
        return json.loads(done.stdout)


def alpha(*arguments):
    """What a run of the program says, as JSON."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def post(url, body):
    """Posts JSON, and gives the JSON that comes back, whatever the status."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        return json.load(refused)


def get_text(url):
    """Gets text."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def get(url):
    """Gets JSON."""
    return json.loads(get_text(url))


def typed(name, source):
    """Has the TypeScript compiler judge a source, strictly, and gives what it has to say of it."""
    WORK.mkdir(exist_ok=True)
    path = WORK / f"{name}.ts"
    path.write_text(source)
    done = subprocess.run(
        [HERE / "node_modules" / ".bin" / "tsc", "--strict", "--noEmit", "--skipLibCheck", "--ignoreConfig",
         "--module", "nodenext", "--types", "node", path],
        cwd=HERE, capture_output=True, text=True, timeout=300, check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""


def literal(name, kind, value):
    """A constant of a type; what is JSON is a literal of TypeScript."""
    return f"export const {name}: {kind} = {json.dumps(value, indent=2, ensure_ascii=True)};\n"


def refused(name, kind, value):
    """A constant, on one line, that the compiler has to refuse; it says so where it doesn't."""
    return f"// @ts-expect-error\nexport const {name}: {kind} = {json.dumps(value, ensure_ascii=True)};\n"
