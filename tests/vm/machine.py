# SPDX-License-Identifier: LGPL-2.1-or-later
"""One run of the guest under QEMU without hardware acceleration: cold, or from
a snapshot that was saved before the guest had mounted anything."""

import contextlib
import ctypes
import dataclasses
import json
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import guest as guests
import packages

TIMED_OUT = 124
MACHINE_FAILED = 125

MEMORY_MIB = 1536
N_PROCESSORS = 1
# Of a host that is busy with something else, which may even go first.
SAVE_TIMEOUT_S = 900
QMP_TIMEOUT_S = 300
LOOK_EVERY_S = 0.05
CONSOLE_BYTES = 65536
READY = b'FOYER-SNAPSHOT-READY'
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
# Without the checks that only cost time here. Libraries that lie at the same address in
# each process are translated once.
KERNEL_LINE = ('console=ttyS0 quiet panic=-1 mitigations=off nokaslr norandmaps '
               'cryptomgr.notests no_timer_check random.trust_cpu=on '
               'loglevel=4')
SNAPSHOT = ' foyer.snapshot'
HERE = pathlib.Path(__file__).resolve().parent
SECOND_INIT = HERE / 'guest' / 'second-init.sh'
# qemu64 and no more: what emulates AVX is slower than what does without.
# Where there is hardware acceleration it must not be taken: it may hang.
# Time in the guest goes by what its processor has done, a nanosecond for each
# instruction, and by the host's only while that waits. So a host that is slow
# or busy makes nothing late in the guest.
QEMU = ['qemu-system-x86_64', '-accel', 'tcg,thread=single,tb-size=512',
        '-icount', 'shift=0,sleep=on']
# Memory is anonymous, and so of large pages, as the translated code is; of malloc's QEMU
# asks for that only if it is told (MALLOC).
MALLOC = {'GLIBC_TUNABLES': 'glibc.malloc.hugetlb=1'}
COMMON = ['-M', 'q35', '-cpu', 'qemu64',
          '-smp', str(N_PROCESSORS), '-m', str(MEMORY_MIB), '-nodefaults',
          '-no-user-config', '-display', 'none', '-no-reboot',
          '-device', 'virtio-serial-pci',
          '-device', 'virtserialport,chardev=out,name=vm.out',
          '-device', 'isa-debug-exit,iobase=0x501,iosize=1',
          '-device', 'virtio-rng-pci',
          '-device', 'virtio-9p-pci,fsdev=job,mount_tag=job',
          '-device', 'virtio-9p-pci,fsdev=host,mount_tag=host',
          '-device', 'virtio-9p-pci,fsdev=layer,mount_tag=layer',
          '-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,'
                    'multidevs=remap']


def die_with_parent():
    """No machine outlives the harness."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def boot_line(guest, job, sockets, extra=''):
    """QEMU's arguments, but for how it comes to life."""
    line = KERNEL_LINE + extra
    return [*QEMU, *COMMON, '-kernel', guest.kernel, '-initrd', guest.first,
            '-append', line,
            '-chardev', f'socket,id=console,path={sockets}/console,server=on,'
                        f'wait=off,logfile={job}/console.log',
            '-serial', 'chardev:console',
            '-chardev', f'file,id=out,path={job}/output.log,append=on',
            '-fsdev', f'local,id=job,path={job},security_model=none',
            '-fsdev', f'local,id=layer,path={guest.layer},'
                      'security_model=none,readonly=on']


def start(line, job):
    """QEMU as a process; what it complains of goes to qemu.log."""
    with open(job / 'qemu.log', 'wb') as log:
        return subprocess.Popen(
            [str(word) for word in line], stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **MALLOC},
            preexec_fn=die_with_parent)


def connect(path, process):
    """A socket that QEMU listens at, or will."""
    until = time.monotonic() + QMP_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
            return link
        except OSError:
            link.close()
            time.sleep(LOOK_EVERY_S)
    raise packages.Trouble(f'QEMU does not listen at {path}')


class Monitor:
    """QEMU's machine protocol."""

    def __init__(self, path, process):
        self.link = connect(path, process)
        self.link.settimeout(QMP_TIMEOUT_S)
        self.file = self.link.makefile('rw', encoding='utf-8')
        self.file.readline()
        self.do('qmp_capabilities')

    def do(self, command, **arguments):
        """Runs a command; its answer."""
        self.file.write(json.dumps({'execute': command,
                                    'arguments': arguments}) + '\n')
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise packages.Trouble(f'QEMU left during {command}')
            answer = json.loads(line)
            if 'error' in answer:
                raise packages.Trouble(f'QEMU, {command}: {answer["error"]}')
            if 'return' in answer:
                return answer['return']

    def migrate(self, command, uri):
        """Saves or restores the machine."""
        self.do(command, uri=uri)
        until = time.monotonic() + QMP_TIMEOUT_S
        while time.monotonic() < until:
            status = self.do('query-migrate').get('status')
            if status == 'completed':
                return
            if status == 'failed':
                break
            time.sleep(LOOK_EVERY_S)
        raise packages.Trouble(f'QEMU did not {command}')

    def close(self):
        """Lets go of it."""
        self.file.close()
        self.link.close()


def wait_until_ready(job, process):
    """Until the guest has come to where it is saved."""
    console = job / 'console.log'
    until = time.monotonic() + SAVE_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        if console.exists() and READY in console.read_bytes():
            return
        time.sleep(LOOK_EVERY_S)
    words = console.read_text('utf-8', 'replace') if console.exists() else ''
    raise packages.Trouble(f'the guest did not come up:\n{words[-2000:]}')


def save(guest, folder):
    """Boots the guest and saves it into a folder."""
    with tempfile.TemporaryDirectory(prefix='foyer-vm-') as name:
        job = pathlib.Path(name)
        process = start([*boot_line(guest, job, job, SNAPSHOT),
                         '-qmp', f'unix:{job}/qmp,server=on,wait=off'], job)
        try:
            wait_until_ready(job, process)
            monitor = Monitor(job / 'qmp', process)
            monitor.do('stop')
            state = shlex.quote(str(folder / 'state'))
            monitor.migrate('migrate', f'exec:cat >{state}')
            monitor.do('quit')
            monitor.close()
            process.wait(QMP_TIMEOUT_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def snapshot_folder(guest):
    """Where the snapshot of a guest stands or will stand; another QEMU or
    other arguments want another one."""
    version = packages.installed_version('qemu-system-x86') or ''
    key = guests.key_of(version, KERNEL_LINE, *QEMU, *COMMON)
    return guest.folder / f'snapshot-{key}'


def ensure_snapshot(guest, tell):
    """The folder of the guest's snapshot, saved now if there is none."""
    folder = snapshot_folder(guest)
    if not folder.exists():
        tell('booting the guest once, to save a snapshot')
        guests.make_once(folder, lambda new: save(guest, new))
    return folder


@dataclasses.dataclass
class Outcome:
    """How a job ended, and what is left of it in its folder: output.log,
    console.log, dmesg.log, qemu.log and what the job wrote to /run/vm."""

    status: int
    job: pathlib.Path


class Machine:
    """A guest that runs one job, a bash script."""

    def __init__(self, guest, job, script, snapshot=None):
        self.guest = guest
        self.job = job
        self.snapshot = snapshot
        shutil.rmtree(job, ignore_errors=True)
        job.mkdir(parents=True)
        # Their names are bounded to a hundred bytes; the folder's is not.
        self.sockets = pathlib.Path(tempfile.mkdtemp(prefix='foyer-vm-'))
        (job / 'job.sh').write_text(script, encoding='utf-8')
        (job / 'settings.sh').write_text(
            f'second={shlex.quote(str(SECOND_INIT))}\n', encoding='utf-8')
        self.process = None
        self.console = None

    def _tell_time(self):
        (self.job / 'now').write_text(f'{time.time():.0f}\n', encoding='utf-8')
        (self.job / 'seed').write_bytes(os.urandom(64))

    def boot(self):
        """Starts it; cold, or where the snapshot was saved."""
        self._tell_time()
        if self.snapshot is None:
            self.process = start(
                boot_line(self.guest, self.job, self.sockets), self.job)
            self._connect_console()
            return
        line = boot_line(self.guest, self.job, self.sockets, SNAPSHOT)
        qmp = self.sockets / 'qmp'
        self.process = start(
            [*line, '-incoming', 'defer', '-qmp',
             f'unix:{qmp},server=on,wait=off'], self.job)
        monitor = Monitor(qmp, self.process)
        state = shlex.quote(str(self.snapshot / 'state'))
        monitor.migrate('migrate-incoming', f'exec:cat {state}')
        monitor.do('cont')
        monitor.close()
        self._tell_time()
        self._connect_console()
        self.say('go')

    def _connect_console(self):
        self.console = connect(self.sockets / 'console', self.process)
        self.console.setblocking(False)

    def say(self, line):
        """A line for whoever reads the guest's serial port, if it still runs."""
        with contextlib.suppress(ConnectionError):
            self.console.sendall(line.encode() + b'\n')

    def _drain_console(self):
        """It is logged by QEMU; but if nobody reads, the guest waits."""
        if self.console is not None:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                self.console.recv(CONSOLE_BYTES)

    def wait(self, limit_s, look=lambda: False):
        """Until the job has ended; look() is called meanwhile, and the limit
        begins anew if it saw something. Returns the Outcome: the job's status,
        TIMED_OUT or MACHINE_FAILED."""
        until = time.monotonic() + limit_s
        while self.process.poll() is None and time.monotonic() < until:
            if look():
                until = time.monotonic() + limit_s
            self._drain_console()
            time.sleep(LOOK_EVERY_S)
        timed_out = self.process.poll() is None
        self.stop()
        look()
        status = self.job / 'status'
        if status.exists() and status.read_text('utf-8').strip():
            return Outcome(int(status.read_text('utf-8')), self.job)
        return Outcome(TIMED_OUT if timed_out else MACHINE_FAILED, self.job)

    def run(self, limit_s, look=lambda: False):
        """Boots, waits and switches off; the Outcome."""
        try:
            self.boot()
            return self.wait(limit_s, look)
        except packages.Trouble as trouble:
            (self.job / 'harness.log').write_text(f'{trouble}\n', 'utf-8')
            return Outcome(MACHINE_FAILED, self.job)
        finally:
            self.stop()

    def spent_s(self):
        """The processor's time that it has taken so far; 0 once it is gone."""
        try:
            words = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text()
        except OSError:
            return 0.0
        # After the name in brackets: utime and stime are fields 14 and 15.
        spent = words.rsplit(')', 1)[1].split()[11:13]
        return sum(map(int, spent)) / os.sysconf('SC_CLK_TCK')

    def stop(self):
        """Switches it off, if it is still on."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.console is not None:
            self.console.close()
        shutil.rmtree(self.sockets, ignore_errors=True)
