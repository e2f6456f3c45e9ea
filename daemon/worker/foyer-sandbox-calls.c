/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sandbox-calls.h"

#include "foyer-sandbox.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sound/asound.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define CAMERA   FOYER_SANDBOX_CAMERA
#define CAST     FOYER_SANDBOX_CAST
#define LOOPBACK FOYER_SANDBOX_LOOPBACK
#define APP      FOYER_SANDBOX_APP
#define READERS  FOYER_SANDBOX_READERS
#define MEDIA    FOYER_SANDBOX_MEDIA
#define ALL      FOYER_SANDBOX_ALL

#define THREAD    (CLONE_VM | CLONE_THREAD | CLONE_SIGHAND)
#define SYS(name) SCMP_SYS (name)
/* It would connect a socket anew. */
#define NO_FASTOPEN(n) MASK (n, MSG_FASTOPEN, 0)

/* clang-format off */
#define IS(n, value)       { n, SCMP_CMP_EQ, value, 0 }
#define MASK(n, m, v)      { n, SCMP_CMP_MASKED_EQ, m, v }
#define CLOSE(mask, value) { SYS (close), ALL, 1, { MASK (0, mask, value) } }
#define OPTION(l, n) { SYS (setsockopt), CAST, 2, { IS (1, l), IS (2, n) } }
#define LIBCAMERA(type)    { SYS (ioctl), FOYER_SANDBOX_LIBCAMERA, 1, \
    { MASK (1, 0xff00, (type) << 8) } }
#define PCM(name)  { SYS (ioctl), CAMERA, 1, { IS (1, SNDRV_PCM_IOCTL_##name) } }
#define NODE(request)      { SYS (ioctl), LOOPBACK, 2, \
    { IS (0, FOYER_SANDBOX_NODE_FD), IS (1, request) } }

const FoyerSandboxRule foyer_sandbox_allowed[] = {
  /* memory; none of it ever runs */
  { SYS (mmap), ALL, 1, { MASK (2, PROT_EXEC, 0) } },
  { SYS (mprotect), ALL, 1, { MASK (2, PROT_EXEC, 0) } },
  { SYS (munmap), ALL }, { SYS (mremap), ALL }, { SYS (madvise), ALL },
  { SYS (brk), ALL }, { SYS (mlock2), ALL },
  /* threads, time, chance, signals within the process */
  { SYS (clone), ALL, 1, { MASK (0, THREAD, THREAD) } },
  { SYS (futex), ALL }, { SYS (set_robust_list), ALL }, { SYS (rseq), ALL },
  { SYS (sched_yield), ALL }, { SYS (sched_getaffinity), ALL },
  { SYS (sched_getattr), ALL }, { SYS (sysinfo), ALL },
  { SYS (getpid), ALL }, { SYS (getppid), ALL }, { SYS (gettid), ALL },
  { SYS (getuid), ALL }, { SYS (geteuid), ALL }, { SYS (getcpu), ALL },
  { SYS (prctl), ALL, 1, { IS (0, PR_SET_NAME) } },
  { SYS (prlimit64), ALL, 2, { IS (0, 0), IS (2, 0) } },
  { SYS (clock_gettime), ALL }, { SYS (clock_getres), ALL },
  { SYS (gettimeofday), ALL }, { SYS (clock_nanosleep), ALL },
  { SYS (getrandom), ALL }, { SYS (restart_syscall), ALL },
  { SYS (rt_sigaction), ALL }, { SYS (rt_sigprocmask), ALL },
  { SYS (rt_sigreturn), ALL }, { SYS (sigaltstack), ALL },
  { SYS (exit), ALL }, { SYS (exit_group), ALL },
  /* what is open already */
  { SYS (read), ALL }, { SYS (write), ALL }, { SYS (writev), ALL },
  { SYS (poll), ALL }, { SYS (ppoll), ALL },
  { SYS (eventfd2), ALL }, { SYS (fstat), ALL }, { SYS (lseek), ALL },
  { SYS (newfstatat), ALL, 1, { MASK (3, AT_EMPTY_PATH, AT_EMPTY_PATH) } },
  { SYS (fcntl), ALL, 1, { IS (1, F_GETFL) } },
  { SYS (fcntl), ALL, 1, { IS (1, F_SETFL) } },
  { SYS (fcntl), ALL, 1, { IS (1, F_GETFD) } },
  { SYS (fcntl), ALL, 1, { IS (1, F_SETFD) } },
  { SYS (fcntl), ALL, 1, { IS (1, F_GET_SEALS) } },
  /* The link's number and all above, up to the limit of 1024. Bit by bit: the
   * kernel drops the upper half of what a filter compares. */
  CLOSE (0xfffffffe, 6), CLOSE (8, 8), CLOSE (16, 16), CLOSE (32, 32),
  CLOSE (64, 64), CLOSE (128, 128), CLOSE (256, 256), CLOSE (512, 512),
  /* channel and links; frames come in by a pool, which its reader maps */
  { SYS (sendmsg), ALL, 2, { IS (0, FOYER_CHANNEL_FD), NO_FASTOPEN (2) } },
  { SYS (recvmsg), ALL, 1, { IS (0, FOYER_CHANNEL_FD) } },
  { SYS (sendto), ALL, 2, { IS (4, 0), NO_FASTOPEN (3) } },
  { SYS (recvfrom), ALL },
  { SYS (recvmsg), READERS, 1, { IS (0, FOYER_SANDBOX_LINK_FD) } },
  { SYS (dup3), READERS, 1, { IS (1, FOYER_SANDBOX_LINK_FD) } },
  { SYS (recvmsg), CAST, 1, { IS (0, FOYER_SANDBOX_SOUND_FD) } },
  { SYS (dup3), CAST, 1, { IS (1, FOYER_SANDBOX_SOUND_FD) } },
  /* a program's link: its pool is there; its end is told before it is wiped */
  { SYS (recvmsg), APP, 1, { IS (0, FOYER_SANDBOX_OUTLET_FD) } },
  { SYS (shutdown), APP, 1, { IS (0, FOYER_SANDBOX_OUTLET_FD) } },
  /* a camera sends pools over its links, a slate is a pool of its own */
  { SYS (recvmsg), CAMERA }, { SYS (sendmsg), CAMERA }, { SYS (shutdown), CAMERA },
  { SYS (memfd_create), MEDIA }, { SYS (ftruncate), MEDIA },
  { SYS (fcntl), MEDIA, 1, { IS (1, F_ADD_SEALS) } },
  { SYS (socketpair), MEDIA, 1, { IS (0, AF_UNIX) } }, /* GStreamer's GstPoll */
  { SYS (ioctl), CAMERA, 1, { MASK (1, 0xff00, 'V' << 8) } },
  PCM (HW_REFINE), PCM (HW_PARAMS), PCM (PREPARE), PCM (START), /* its microphone */
  PCM (READI_FRAMES), PCM (DELAY), PCM (DROP),
  /* a node takes pictures: format and ring were settled before */
  NODE (VIDIOC_QUERYBUF), NODE (VIDIOC_QBUF),
  { SYS (dup), CAMERA }, /* v4l2src: its buffers hold the device too */
  /* links of a media device, memory of a heap and its name */
  LIBCAMERA ('|'), LIBCAMERA ('H'), LIBCAMERA ('b'),
  { SYS (fcntl), FOYER_SANDBOX_LIBCAMERA, 1, { IS (1, F_DUPFD_CLOEXEC) } },
  { SYS (sched_setattr), FOYER_SANDBOX_LIBCAMERA }, /* GLib: as its first thread */
  /* the display: sockets that are connected, and no address anywhere */
  { SYS (sendmsg), CAST, 2, { IS (0, FOYER_SANDBOX_TCP_FD), NO_FASTOPEN (2) } },
  { SYS (recvmsg), CAST, 1, { IS (0, FOYER_SANDBOX_TCP_FD) } },
  { SYS (recvmmsg), CAST, 1, { IS (0, FOYER_SANDBOX_MEDIA_FD) } },
  { SYS (getsockname), CAST }, { SYS (getpeername), CAST },
  { SYS (getsockopt), CAST }, { SYS (shutdown), CAST },
  OPTION (SOL_TCP, TCP_NODELAY), OPTION (SOL_SOCKET, SO_KEEPALIVE),
  OPTION (SOL_SOCKET, SO_SNDBUF), OPTION (SOL_SOCKET, SO_RCVBUF),
  OPTION (SOL_SOCKET, SO_LINGER),
  { SYS (accept), CAST, 1, { IS (0, FOYER_SANDBOX_MEDIA_FD) } },
};

/* Nobody calls these by accident. */
const int foyer_sandbox_deadly[] = {
  SCMP_SYS (execve), SCMP_SYS (execveat), SCMP_SYS (ptrace), SCMP_SYS (bpf),
  SCMP_SYS (process_vm_readv), SCMP_SYS (process_vm_writev), SCMP_SYS (kcmp),
  SCMP_SYS (pidfd_open), SCMP_SYS (pidfd_getfd), SCMP_SYS (pidfd_send_signal),
  SCMP_SYS (mount), SCMP_SYS (umount2), SCMP_SYS (pivot_root), SCMP_SYS (chroot),
  SCMP_SYS (setns), SCMP_SYS (unshare), SCMP_SYS (init_module), SCMP_SYS (reboot),
  SCMP_SYS (finit_module), SCMP_SYS (kexec_load), SCMP_SYS (perf_event_open),
  SCMP_SYS (userfaultfd), SCMP_SYS (io_uring_setup), SCMP_SYS (add_key),
  SCMP_SYS (request_key), SCMP_SYS (keyctl), SCMP_SYS (open_by_handle_at),
  SCMP_SYS (fork), SCMP_SYS (vfork), SCMP_SYS (kill), SCMP_SYS (tkill),
};
/* clang-format on */

const guint foyer_sandbox_n_allowed = G_N_ELEMENTS (foyer_sandbox_allowed);
const guint foyer_sandbox_n_deadly = G_N_ELEMENTS (foyer_sandbox_deadly);
