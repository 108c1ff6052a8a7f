/**
 * The Python program that runs another one, read from standard input, under guard.
 *
 * Limits of the operating system bound time, memory and file sizes. An audit hook, which cannot be removed once set,
 * refuses what a test of a function never needs: other processes, the network, native code, and writing, moving or deleting
 * outside the working directory. This keeps accidents in; it is no defence against an attack on the interpreter itself.
 *
 * Arguments: CPU seconds, memory in bytes, file size in bytes, and a word to print when the program has run to its end:
 * an exit code of 0 alone would also be that of a program that ends before its test.
 */
export const SANDBOX_GUARD = `
import os, sys

def guard(cpu_seconds, memory_bytes, file_bytes):
    try:
        import resource
        for name, value in (("CPU", cpu_seconds), ("AS", memory_bytes), ("FSIZE", file_bytes), ("CORE", 0), ("NOFILE", 64)):
            try:
                resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
            except (ValueError, OSError):
                pass
    except ImportError:
        pass
    home = os.path.realpath(os.getcwd())
    realpath, fspath, join, getcwd, sep = os.path.realpath, os.fspath, os.path.join, os.getcwd, os.sep
    write_flags = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def inside(path):
        if isinstance(path, int):
            return False
        path = fspath(path)
        path = realpath(join(getcwd(), path.decode() if isinstance(path, bytes) else path))
        return path == home or path.startswith(home + sep)

    changes = {"os.remove": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "os.mkdir": 1, "os.rmdir": 1, "os.chmod": 1, "os.chown": 1,
               "os.truncate": 1, "os.utime": 1, "os.setxattr": 1, "os.removexattr": 1, "os.chflags": 1, "shutil.rmtree": 1}
    refused = ("os.fork", "os.exec", "os.system", "os.spawn", "os.posix_spawn", "os.startfile", "os.kill", "os.killpg", "os.putenv", "subprocess.",
               "pty.", "socket.", "ctypes.", "urllib.", "ftplib.", "http.", "smtplib.", "webbrowser.", "signal.pthread_kill", "winreg.",
               "resource.", "fcntl.", "code.__new__", "cpython.", "sys.addaudithook")
    modules = {"_posixsubprocess", "_ctypes", "ctypes", "_socket", "_multiprocessing", "multiprocessing", "_winapi", "_xxsubinterpreters", "mmap"}

    def watch(event, arguments):
        if event == "open":
            path, mode, flags = arguments
            writes = bool(flags & write_flags) if flags is not None else any(c in (mode or "r") for c in "wax+")
            if writes and not inside(path):
                raise PermissionError("writing outside the working directory")
        elif event == "import":
            if arguments[0] in modules:
                raise PermissionError("no " + arguments[0])
        elif event in changes:
            if not all(inside(path) for path in arguments[: changes[event]]):
                raise PermissionError(event + " outside the working directory")
        elif event.startswith(refused):
            raise PermissionError("no " + event)

    return watch

program = sys.stdin.read()
watch = guard(*map(int, sys.argv[1:4]))
code = compile(program, "program", "exec")
proof, write = sys.argv.pop(), os.write
sys.argv[:] = ["program"]

def run(code, proof, write):
    exec(code, {"__name__": "__main__"})
    write(1, proof.encode())

sys.addaudithook(watch)
del guard, watch, os
run(code, proof, write)
`;
