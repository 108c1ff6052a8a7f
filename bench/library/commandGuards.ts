/**
 * What keeps a test command's programs in, laid into each interpreter as it starts: Python imports `sitecustomize` by itself,
 * Node requires what NODE_OPTIONS names.
 *
 * Refused: other processes, the network, killing, and writing, moving or deleting outside the folders named in LACUNA_GUARD_HOME.
 * Processes that only start others (npm, and Node's own test runner) may do so. This keeps accidents in; it is no defence against
 * an attack on the interpreter itself. Each guard leaves a mark in LACUNA_GUARD_MARK, so that its absence is seen.
 */
export const PYTHON_COMMAND_GUARD = `
import os, sys

def guard():
    homes = [os.path.realpath(home) for home in os.environ["LACUNA_GUARD_HOME"].split(os.pathsep)]
    realpath, fspath, join, getcwd, sep, own, devnull = os.path.realpath, os.fspath, os.path.join, os.getcwd, os.sep, os.getpid(), os.devnull
    write_flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def inside(path):
        if path is None or isinstance(path, int):
            return True
        path = fspath(path)
        path = path.decode() if isinstance(path, bytes) else path
        if path == devnull:
            return True
        path = realpath(join(getcwd(), path))
        return any(path == home or path.startswith(home + sep) for home in homes)

    changes = {"os.remove": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "os.mkdir": 1, "os.rmdir": 1, "os.chmod": 1, "os.chown": 1,
               "os.truncate": 1, "os.utime": 1, "os.setxattr": 1, "os.removexattr": 1, "os.chflags": 1, "shutil.rmtree": 1}
    starts = ("os.fork", "os.exec", "os.system", "os.spawn", "os.posix_spawn", "os.startfile", "subprocess.", "pty.")
    network = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}

    def watch(event, arguments):
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & write_flags) if flags is not None else any(c in (mode or "r") for c in "wax+")
            if writes and not inside(path):
                raise PermissionError("writing outside the working copy")
        elif event in changes:
            if not all(inside(path) for path in arguments[: changes[event]]):
                raise PermissionError(event + " outside the working copy")
        elif event in network or event.startswith("urllib.") or event == "webbrowser.open":
            raise PermissionError("no " + event)
        elif event in ("os.kill", "os.killpg") and arguments[0] != own:
            raise PermissionError("no " + event)
        elif event.startswith(starts):
            raise PermissionError("no " + event)

    return watch

open(os.environ["LACUNA_GUARD_MARK"], "w").close()
sys.addaudithook(guard())
del guard
`;

export const NODE_COMMAND_GUARD = `
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { writeFileSync, realpathSync } = fs;
const launchers = /[\\\\/](npm|npx|pnpm|yarn)(-cli)?(\\.c?js)?$/;
const isLauncher = launchers.test(process.argv[1] ?? "") || (process.execArgv.includes("--test") && process.env.NODE_TEST_CONTEXT === undefined);
const homes = process.env.LACUNA_GUARD_HOME.split(path.delimiter).map((home) => realpathSync(home));
const refuse = (what) => { throw Object.assign(new Error(what + " is refused here"), { code: "EACCES" }); };

function inside(file) {
  if (typeof file === "number" || file === undefined) return true;
  let at = path.resolve(file instanceof URL ? file.pathname : String(file));
  if (at === "/dev/null") return true;
  const rest = [];
  for (;;) {
    try { at = realpathSync(at); break; } catch { rest.unshift(path.basename(at)); at = path.dirname(at); }
  }
  at = path.join(at, ...rest);
  return homes.some((home) => at === home || at.startsWith(home + path.sep));
}

const paths = { writeFile: 1, appendFile: 1, createWriteStream: 1, rm: 1, rmdir: 1, unlink: 1, mkdir: 1, mkdtemp: 1, truncate: 1, chmod: 1, lchmod: 1,
  chown: 1, lchown: 1, utimes: 1, lutimes: 1, rename: 2, link: 2, cp: 3, copyFile: 3, symlink: 3 };
function wrap(owner, name, check) {
  const original = owner[name];
  if (typeof original !== "function") return;
  owner[name] = function (...args) { check(args); return original.apply(this, args); };
}
const wanted = (count) => (args) => {
  const touched = count === 3 ? args.slice(1, 2) : args.slice(0, count);
  if (!touched.every(inside)) refuse("writing outside the working copy");
};
const opens = (args) => {
  const flags = args[1] ?? "r";
  const byNumber = typeof flags === "number" && ((flags & 3) !== 0 || (flags & fs.constants.O_CREAT) !== 0);
  const writes = byNumber || (typeof flags === "string" && flags !== "r" && flags !== "rs");
  if (writes && !inside(args[0])) refuse("writing outside the working copy");
};
for (const [name, count] of Object.entries(paths)) {
  for (const owner of [fs, fs.promises]) wrap(owner, name, wanted(count));
  wrap(fs, name + "Sync", wanted(count));
}
for (const owner of [fs, fs.promises]) wrap(owner, "open", opens);
wrap(fs, "openSync", opens);
if (!isLauncher) {
  const processes = require("node:child_process");
  for (const name of ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"]) {
    wrap(processes, name, () => refuse("starting processes"));
  }
}
wrap(require("node:net").Socket.prototype, "connect", () => refuse("the network"));
wrap(require("node:net").Server.prototype, "listen", () => refuse("the network"));
wrap(require("node:dgram").Socket.prototype, "send", () => refuse("the network"));
wrap(process, "kill", (args) => { if (args[0] !== process.pid) refuse("killing"); });
wrap(process, "binding", () => refuse("native code"));
wrap(process, "dlopen", () => refuse("native code"));
require("node:module").syncBuiltinESMExports();
if (!isLauncher) writeFileSync(process.env.LACUNA_GUARD_MARK, "");
`;
