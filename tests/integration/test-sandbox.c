/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-landlock.h"
#include "foyer-sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sound/asound.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Each try runs in a process of its own, once without the sandbox, where it must
 * succeed, and once in each kind of sandbox, where it must fail as the table
 * says. What a try returns is 0 if it succeeded, else an errno. */

#define KILLED     (-1) /* by SIGSYS */
#define POOL_FD    8
#define POOL_BYTES 4096
#define OTHER_FD   8 /* listens as well, in a world where the media's does */
#define NO_SANDBOX 0x80
#define UNFINISHED 0x81
#define NOBODY     65534

#define CAMERA   (1u << FOYER_WORKER_CAMERA)
#define CAST     (1u << FOYER_WORKER_CAST)
#define LOOPBACK (1u << FOYER_WORKER_LOOPBACK)
#define SLATE    (1u << FOYER_WORKER_SLATE)
#define APP      (1u << FOYER_WORKER_APP)
#define ALL      (CAMERA | CAST | LOOPBACK | SLATE | APP)

/* A camera of libcamera's, which may all that others may not. */
#define LIBCAMERA ((FoyerWorkerKind) (FOYER_WORKER_APP + 1))

/* Of the parent; what the children try to reach. */
typedef struct
{
  pid_t sibling;
  char word[16];          /* in the sibling's memory, at the same place */
  struct sockaddr_in tcp; /* listens */
  struct sockaddr_in udp; /* connected to */
  struct sockaddr_in elsewhere;
  void *pool; /* a reader's mapping */
  int sockets[5];
} World;

static World world = { .word = "secret" };

/* the tries */

static int
result (long value)
{
  return value < 0 ? errno : 0;
}

static int
try_open_to_read (void)
{
  return result (open ("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int
try_open_to_write (void)
{
  return result (open ("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int
try_open_null (void)
{
  return result (open ("/dev/null", O_RDWR | O_CLOEXEC));
}

static int
try_socket_inet (void)
{
  return result (socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int
try_connect_elsewhere (void)
{
  return result (connect (FOYER_SANDBOX_MEDIA_FD,
      (const struct sockaddr *) &world.elsewhere, sizeof world.elsewhere));
}

static int
try_disconnect (void)
{
  const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

  return result (connect (FOYER_SANDBOX_TCP_FD, &nowhere, sizeof nowhere));
}

static int
try_bind (void)
{
  struct sockaddr_in any = { .sin_family = AF_INET };

  /* It has an address already; what counts is who says no. */
  return bind (FOYER_SANDBOX_MEDIA_FD, (struct sockaddr *) &any, sizeof any) !=
              0 &&
          errno == EINVAL
      ? 0
      : errno;
}

static int
try_listen (void)
{
  return listen (FOYER_SANDBOX_TCP_FD, 1) != 0 && errno == EINVAL ? 0 : errno;
}

static int
try_linger (void)
{
  const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

  return result (setsockopt (FOYER_SANDBOX_TCP_FD, SOL_SOCKET, SO_LINGER,
      &reset, sizeof reset));
}

/* Others could then have a part of what comes to the port. */
static int
try_share_port (void)
{
  const int yes = 1;

  return result (setsockopt (FOYER_SANDBOX_MEDIA_FD, SOL_SOCKET, SO_REUSEPORT,
      &yes, sizeof yes));
}

static int
try_other_interface (void)
{
  return result (setsockopt (FOYER_SANDBOX_MEDIA_FD, SOL_SOCKET,
      SO_BINDTODEVICE, "lo", sizeof "lo"));
}

static int
try_fast_open (void)
{
  struct iovec part = { .iov_base = (void *) "x", .iov_len = 1 };
  struct msghdr message = { .msg_name = &world.elsewhere,
    .msg_namelen = sizeof world.elsewhere,
    .msg_iov = &part,
    .msg_iovlen = 1 };

  return result (
      sendmsg (FOYER_SANDBOX_TCP_FD, &message, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int
try_sendto_elsewhere (void)
{
  return result (sendto (FOYER_SANDBOX_MEDIA_FD, "x", 1, 0,
      (const struct sockaddr *) &world.elsewhere, sizeof world.elsewhere));
}

static int
try_sendmsg_elsewhere (void)
{
  struct iovec part = { .iov_base = (void *) "x", .iov_len = 1 };
  struct msghdr message = { .msg_name = &world.elsewhere,
    .msg_namelen = sizeof world.elsewhere,
    .msg_iov = &part,
    .msg_iovlen = 1 };

  return result (sendmsg (FOYER_SANDBOX_MEDIA_FD, &message, 0));
}

static int
try_sendmmsg_elsewhere (void)
{
  struct iovec part = { .iov_base = (void *) "x", .iov_len = 1 };
  struct mmsghdr message = { .msg_hdr = { .msg_name = &world.elsewhere,
                                 .msg_namelen = sizeof world.elsewhere,
                                 .msg_iov = &part,
                                 .msg_iovlen = 1 } };

  return result (sendmmsg (FOYER_SANDBOX_MEDIA_FD, &message, 1, 0));
}

static int
try_source_route (void)
{
  const guint8 none[4] = { 1, 1, 1, 1 };

  return result (setsockopt (FOYER_SANDBOX_MEDIA_FD, IPPROTO_IP, IP_OPTIONS,
      none, sizeof none));
}

static int
try_exec (void)
{
  char *const argv[] = { (char *) "true", NULL };
  char *const envp[] = { NULL };

  execve ("/bin/true", argv, envp);
  return errno;
}

static int
try_exec_by_fd (void)
{
  char *const argv[] = { (char *) "true", NULL };

  return result (syscall (SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0));
}

static int
try_fork (void)
{
  pid_t pid = (pid_t) syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0);

  if (pid == 0)
    _exit (0);
  return result (pid);
}

static int
try_vfork (void)
{
  pid_t pid = (pid_t) syscall (SYS_fork);

  if (pid == 0)
    _exit (0);
  return result (pid);
}

static int
try_clone3 (void)
{
  guint64 args[8] = { [4] = SIGCHLD };
  pid_t pid = (pid_t) syscall (SYS_clone3, args, sizeof args);

  if (pid == 0)
    _exit (0);
  return result (pid);
}

static int
try_ptrace (void)
{
  return result (ptrace (PTRACE_SEIZE, world.sibling, NULL, NULL));
}

static int
try_read_memory (void)
{
  char copy[sizeof world.word];
  struct iovec here = { .iov_base = copy, .iov_len = sizeof copy };
  struct iovec there = { .iov_base = world.word, .iov_len = sizeof copy };

  return result (process_vm_readv (world.sibling, &here, 1, &there, 1, 0));
}

static int
open_proc (const char *name, int flags)
{
  char path[64];

  g_snprintf (path, sizeof path, "/proc/%d/%s", (int) world.sibling, name);
  return result (open (path, flags | O_CLOEXEC));
}

static int
try_write_memory (void)
{
  char word[] = "changed";
  struct iovec here = { .iov_base = word, .iov_len = sizeof word };
  struct iovec there = { .iov_base = world.word, .iov_len = sizeof word };

  return result (process_vm_writev (world.sibling, &here, 1, &there, 1, 0));
}

static int
try_proc_fd_open (void)
{
  return open_proc ("fd/" G_STRINGIFY (POOL_FD), O_RDWR);
}

static int
try_proc_mem_write (void)
{
  return open_proc ("mem", O_RDWR);
}

static int
try_proc_mem (void)
{
  return open_proc ("mem", O_RDONLY);
}

static int
try_proc_fd (void)
{
  return open_proc ("fd", O_RDONLY | O_DIRECTORY);
}

static int
try_proc_fd_of_pool (void)
{
  char path[64];
  char target[64];

  g_snprintf (path, sizeof path, "/proc/%d/fd/%d", (int) world.sibling,
      POOL_FD);
  return result (readlink (path, target, sizeof target));
}

static int
try_pidfd (void)
{
  return result (syscall (SYS_pidfd_open, world.sibling, 0));
}

static int
try_kill (void)
{
  return result (kill (world.sibling, 0));
}

static int
try_signal_by_fcntl (void)
{
  return result (fcntl (FOYER_CHANNEL_FD, F_SETOWN, world.sibling));
}

static int
try_tgkill (void)
{
  return result (syscall (SYS_tgkill, world.sibling, world.sibling, 0));
}

static int
try_io_uring (void)
{
  guint8 params[120] = { 0 };

  return result (syscall (SYS_io_uring_setup, 1, params));
}

static int
try_mmap_exec (void)
{
  return mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
             -1, 0) == MAP_FAILED
      ? errno
      : 0;
}

static int
try_mprotect_exec (void)
{
  void *page = mmap (NULL, 4096, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return result (mprotect (page, 4096, PROT_READ | PROT_EXEC));
}

static int
try_core_dump (void)
{
  const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

  return result (setrlimit (RLIMIT_CORE, &all));
}

static int
send_descriptor (int socket)
{
  char control[CMSG_SPACE (sizeof (int))] = { 0 };
  struct iovec part = { .iov_base = (void *) "x", .iov_len = 1 };
  struct msghdr message = { .msg_iov = &part,
    .msg_iovlen = 1,
    .msg_control = control,
    .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  int fd = POOL_FD;

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  return result (sendmsg (socket, &message, MSG_NOSIGNAL));
}

static int
try_send_descriptor (void)
{
  return send_descriptor (FOYER_SANDBOX_LINK_FD);
}

static int
try_send_descriptor_on_sound (void)
{
  return send_descriptor (FOYER_SANDBOX_SOUND_FD);
}

static int
try_send_descriptor_on_outlet (void)
{
  return send_descriptor (FOYER_SANDBOX_OUTLET_FD);
}

/* All but the lowest, however they are written. */
static int
try_close_rest (void)
{
  for (int fd = FOYER_SANDBOX_LINK_FD; fd < FOYER_SANDBOX_MAX_CAMERA_FDS; fd++)
    if (close (fd) != 0 && errno != EBADF)
      return errno;
  return 0;
}

static int
try_ioctl_terminal (void)
{
  int n_bytes;

  return result (ioctl (FOYER_CHANNEL_FD, FIONREAD, &n_bytes)) == EACCES
      ? EACCES
      : 0;
}

/* What is no node refuses it in its own way, if it is asked. */
static int
try_ioctl (int fd, unsigned long request)
{
  guint8 argument[256] = { 0 };

  return result (ioctl (fd, request, argument)) == EACCES ? EACCES : 0;
}

static int
try_node_format (void)
{
  return try_ioctl (FOYER_SANDBOX_NODE_FD, VIDIOC_S_FMT);
}

static int
try_node_stop (void)
{
  return try_ioctl (FOYER_SANDBOX_NODE_FD, VIDIOC_STREAMOFF);
}

static int
try_other_node (void)
{
  return try_ioctl (FOYER_CHANNEL_FD, VIDIOC_QBUF);
}

static int
try_node (void)
{
  return MAX (try_ioctl (FOYER_SANDBOX_NODE_FD, VIDIOC_QBUF),
      try_ioctl (FOYER_SANDBOX_NODE_FD, VIDIOC_QUERYBUF));
}

static int
try_microphone (void)
{
  return try_ioctl (FOYER_CHANNEL_FD, SNDRV_PCM_IOCTL_READI_FRAMES);
}

static int
try_loudspeaker (void)
{
  return try_ioctl (FOYER_CHANNEL_FD, SNDRV_PCM_IOCTL_WRITEI_FRAMES);
}

/* Refused by the seals, sandbox or not. */
static int
try_pool_write (void)
{
  return result (pwrite (POOL_FD, "x", 1, 0));
}

/* By a call that workers have. */
static int
try_pool_write_plainly (void)
{
  return result (write (POOL_FD, "x", 1));
}

static int
try_pool_mprotect (void)
{
  return result (mprotect (world.pool, POOL_BYTES, PROT_READ | PROT_WRITE));
}

static int
try_pool_map_writable (void)
{
  return mmap (NULL, POOL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, POOL_FD,
             0) == MAP_FAILED
      ? errno
      : 0;
}

/* What must go on */

static void *
thread_run (void *data)
{
  return data;
}

static int
try_thread (void)
{
  pthread_t thread;
  int problem = pthread_create (&thread, NULL, thread_run, NULL);

  if (problem == 0)
    pthread_join (thread, NULL);
  return problem;
}

static int
try_send_to_display (void)
{
  struct iovec parts[2] = { { (void *) "head", 4 }, { (void *) "body", 4 } };

  if (writev (FOYER_SANDBOX_MEDIA_FD, parts, 2) != 8)
    return errno;
  if (send (FOYER_SANDBOX_TCP_FD, "hello", 5, MSG_NOSIGNAL) != 5)
    return errno;
  return 0;
}

static int
try_talk_on_channel (void)
{
  struct iovec part = { .iov_base = (void *) "x", .iov_len = 1 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  return result (sendmsg (FOYER_CHANNEL_FD, &message, MSG_NOSIGNAL));
}

static int
try_read_pool (void)
{
  const volatile guint8 *pool = world.pool;

  return pool[0] == 0 ? 0 : EIO;
}

static int
try_make_pool (void)
{
  int fd = memfd_create ("pool", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd < 0 || ftruncate (fd, POOL_BYTES) != 0 ||
      fcntl (fd, F_ADD_SEALS, F_SEAL_SHRINK) != 0)
    return errno;
  return 0;
}

typedef struct
{
  const char *name;
  int (*run) (void); /* nullable */
  guint kinds;
  int expected;             /* an errno, KILLED, or 0 */
  gboolean is_free_to_fail; /* without the sandbox: for want of rights */
  gboolean has_listeners; /* media's is one, where somebody knocked; OTHER_FD */
  gulong call[5];         /* without a function: a system call, as it is made */
} Try;

#define CALL(name, ...) .call = { SYS_##name, __VA_ARGS__ }
/* The kernel looks at the lower half of a descriptor alone. */
#define UPPER_HALF (G_GUINT64_CONSTANT (1) << 32)

/* clang-format off */
static const Try tries[] = {
  { "open/to-read", try_open_to_read, ALL, EACCES },
  { "open/to-write", try_open_to_write, ALL, EACCES, TRUE },
  { "open/device", try_open_null, ALL, EACCES },
  { "socket/inet", try_socket_inet, ALL, EACCES },
  { "socket/inet6", NULL, ALL, EACCES, TRUE,
      CALL (socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) },
  { "socket/unix", NULL, ALL, EACCES,
      CALL (socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) },
  { "socket/netlink", NULL, ALL, EACCES,
      CALL (socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) },
  { "socket/packet", NULL, ALL, EACCES, TRUE,
      CALL (socket, AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) },
  { "connect/elsewhere", try_connect_elsewhere, ALL, EACCES },
  { "connect/away", try_disconnect, ALL, EACCES },
  { "bind", try_bind, ALL, EACCES },
  { "listen", try_listen, ALL, EACCES },
  { "accept/media", NULL, CAMERA | LOOPBACK | SLATE | APP, EACCES, FALSE, TRUE,
      CALL (accept, FOYER_SANDBOX_MEDIA_FD, 0, 0) },
  { "accept/media-by-flags", NULL, ALL, EACCES, FALSE, TRUE,
      CALL (accept4, FOYER_SANDBOX_MEDIA_FD, 0, 0, SOCK_CLOEXEC) },
  { "accept/elsewhere", NULL, ALL, EACCES, FALSE, TRUE,
      CALL (accept, OTHER_FD, 0, 0) },
  { "option/linger", try_linger, CAMERA | LOOPBACK | SLATE | APP, EACCES },
  { "option/share-port", try_share_port, ALL, EACCES },
  { "option/interface", try_other_interface, ALL, EACCES, TRUE },
  { "send/to-elsewhere", try_sendto_elsewhere, ALL, EACCES },
  { "send/message-elsewhere", try_sendmsg_elsewhere, CAST | LOOPBACK | SLATE | APP, EACCES },
  { "send/messages-elsewhere", try_sendmmsg_elsewhere, ALL, EACCES },
  { "send/fast-open", try_fast_open, CAST | LOOPBACK | SLATE | APP, EACCES, TRUE },
  { "send/source-route", try_source_route, ALL, EACCES },
  { "send/descriptor-on-link", try_send_descriptor, CAST | LOOPBACK | SLATE | APP, EACCES },
  { "send/descriptor-on-sound", try_send_descriptor_on_sound, CAST | LOOPBACK | SLATE | APP, EACCES },
  { "send/descriptor-on-outlet", try_send_descriptor_on_outlet, APP, EACCES, TRUE },
  { "shutdown/channel", NULL, LOOPBACK | SLATE | APP, EACCES,
      CALL (shutdown, FOYER_CHANNEL_FD, SHUT_RDWR) },
  { "shutdown/link", NULL, LOOPBACK | SLATE | APP, EACCES,
      CALL (shutdown, FOYER_SANDBOX_LINK_FD, SHUT_RDWR) },
  /* Else what came over the link next would have its number and its rights. */
  { "descriptor/close-channel", NULL, ALL, EACCES,
      CALL (close, FOYER_CHANNEL_FD) },
  { "descriptor/close-tcp", NULL, ALL, EACCES,
      CALL (close, FOYER_SANDBOX_TCP_FD) },
  { "descriptor/close-udp", NULL, ALL, EACCES,
      CALL (close, FOYER_SANDBOX_MEDIA_FD) },
  { "descriptor/close-in-disguise", NULL, ALL, EACCES,
      CALL (close, UPPER_HALF | FOYER_SANDBOX_TCP_FD) },
  { "descriptor/replace", NULL, ALL, EACCES,
      CALL (dup3, FOYER_SANDBOX_MEDIA_FD, FOYER_SANDBOX_TCP_FD, O_CLOEXEC) },
  { "exec/by-name", try_exec, ALL, KILLED },
  { "exec/by-descriptor", try_exec_by_fd, ALL, KILLED },
  { "process/clone", try_fork, ALL, EACCES },
  { "process/fork", try_vfork, ALL, KILLED },
  { "process/clone3", try_clone3, ALL, ENOSYS },
  { "process/unshare", NULL, ALL, KILLED,
      CALL (unshare, CLONE_FS) },
  { "sibling/ptrace", try_ptrace, ALL, KILLED, TRUE },
  { "sibling/memory", try_read_memory, ALL, KILLED, TRUE },
  { "sibling/write-memory", try_write_memory, ALL, KILLED, TRUE },
  { "sibling/take-descriptor", NULL, ALL, KILLED, TRUE,
      CALL (pidfd_getfd, -1, POOL_FD, 0) },
  { "sibling/proc-mem", try_proc_mem, ALL, EACCES, TRUE },
  { "sibling/proc-mem-to-write", try_proc_mem_write, ALL, EACCES, TRUE },
  { "sibling/proc-fd-open", try_proc_fd_open, ALL, EACCES, TRUE },
  { "sibling/proc-fd", try_proc_fd, ALL, EACCES, TRUE },
  { "sibling/proc-fd-link", try_proc_fd_of_pool, ALL, EACCES, TRUE },
  { "sibling/pidfd", try_pidfd, ALL, KILLED },
  { "sibling/kill", try_kill, ALL, KILLED },
  { "sibling/kill-thread", try_tgkill, ALL, EACCES },
  { "sibling/signal-by-descriptor", try_signal_by_fcntl, ALL, EACCES },
  { "io-uring", try_io_uring, ALL, KILLED, TRUE },
  { "code/map", try_mmap_exec, ALL, EACCES },
  { "code/protect", try_mprotect_exec, ALL, EACCES },
  { "limits/core", try_core_dump, ALL, EACCES, TRUE },
  { "ioctl/other", try_ioctl_terminal, ALL, EACCES },
  { "ioctl/node-format", try_node_format, LOOPBACK | CAST | SLATE | APP, EACCES },
  { "ioctl/node-stop", try_node_stop, LOOPBACK | CAST | SLATE | APP, EACCES },
  { "ioctl/other-node", try_other_node, LOOPBACK | CAST | SLATE | APP, EACCES },
  { "ioctl/microphone", try_microphone, LOOPBACK | CAST | SLATE | APP, EACCES },
  { "ioctl/loudspeaker", try_loudspeaker, ALL, EACCES },
  { "pool/write", try_pool_write, ALL, EACCES, TRUE },
  { "pool/write-plainly", try_pool_write_plainly, CAMERA | SLATE, EPERM, TRUE },
  { "pool/write-plainly-by-reader", try_pool_write_plainly, CAST | LOOPBACK | APP, EFBIG, TRUE },
  { "pool/protect", try_pool_mprotect, ALL, EACCES, TRUE },
  { "pool/map-writable", try_pool_map_writable, ALL, EPERM, TRUE },
  { "pool/shrink", NULL, CAMERA | SLATE, EPERM, TRUE,
      CALL (ftruncate, POOL_FD, 0) },
  { "pool/shrink-by-reader", NULL, CAST | LOOPBACK | APP, EACCES, TRUE,
      CALL (ftruncate, POOL_FD, 0) },
  { "memory/make-pool", try_make_pool, CAST | LOOPBACK | APP, EACCES },
  { "works/make-pool", try_make_pool, CAMERA | SLATE, 0 },
  { "works/close-rest", try_close_rest, ALL, 0 },
  { "works/thread", try_thread, ALL, 0 },
  { "works/channel", try_talk_on_channel, ALL, 0 },
  { "works/display", try_send_to_display, CAST, 0 },
  { "works/accept", NULL, CAST, 0, FALSE, TRUE,
      CALL (accept, FOYER_SANDBOX_MEDIA_FD, 0, 0) },
  { "works/linger", try_linger, CAST, 0 },
  { "works/read-pool", try_read_pool, ALL, 0 },
  { "works/node", try_node, LOOPBACK, 0 },
  { "works/microphone", try_microphone, CAMERA, 0 },
  /* What a program sees when its session ends. */
  { "works/end-outlet", NULL, APP, 0,
      CALL (shutdown, FOYER_SANDBOX_OUTLET_FD, SHUT_RDWR) },
};
/* clang-format on */

/* the world */

static struct sockaddr_in
get_name (int fd)
{
  struct sockaddr_in name = { 0 };
  socklen_t n_bytes = sizeof name;

  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &name, &n_bytes));
  return name;
}

static int
make_socket (int type)
{
  const struct sockaddr_in any = { .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (const struct sockaddr *) &any, sizeof any));
  return fd;
}

static int
make_pool (void)
{
  int fd = memfd_create ("pool", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_no_errno (ftruncate (fd, POOL_BYTES));
  g_assert_no_errno (fcntl (fd, F_ADD_SEALS,
      F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL));
  world.pool = mmap (NULL, POOL_BYTES, PROT_READ, MAP_SHARED, fd, 0);
  g_assert_true (world.pool != MAP_FAILED);
  return fd;
}

static void
world_begin (void)
{
  int sockets[3] = { make_socket (SOCK_STREAM), make_socket (SOCK_DGRAM),
    make_socket (SOCK_DGRAM) };
  int pool = make_pool ();

  g_assert_no_errno (listen (sockets[0], 1024));
  world.tcp = get_name (sockets[0]);
  world.udp = get_name (sockets[1]);
  world.elsewhere = get_name (sockets[2]);
  g_assert_no_errno (fcntl (pool, F_DUPFD_CLOEXEC, 32));
  for (guint i = 0; i < 3; i++)
    world.sockets[i] = fcntl (sockets[i], F_DUPFD_CLOEXEC, 32);
  world.sockets[3] = fcntl (pool, F_DUPFD_CLOEXEC, 32);
  for (guint i = 0; i < 3; i++)
    close (sockets[i]);
  close (pool);
  world.sibling = fork ();
  if (world.sibling == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    dup2 (world.sockets[3], POOL_FD);
    pause ();
    _exit (0);
  }
}

static void
world_end (void)
{
  kill (world.sibling, SIGKILL);
  waitpid (world.sibling, NULL, 0);
}

static int
make_connected (int type, const struct sockaddr_in *to)
{
  int fd = make_socket (type);

  if (connect (fd, (const struct sockaddr *) to, sizeof *to) != 0)
    _exit (NO_SANDBOX);
  return fd;
}

/* A worker's descriptors, where it has them. */
static void
child_arrange (void)
{
  int pairs[3][2];
  int tcp = make_connected (SOCK_STREAM, &world.tcp);
  int udp = make_connected (SOCK_DGRAM, &world.udp);
  int fds[5];

  for (int i = 0; i < 3; i++)
    if (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, pairs[i]) != 0)
      _exit (NO_SANDBOX);
  fds[0] = fcntl (pairs[0][0], F_DUPFD, 64);
  fds[1] = fcntl (tcp, F_DUPFD, 64);
  fds[2] = fcntl (udp, F_DUPFD, 64);
  fds[3] = fcntl (pairs[1][0], F_DUPFD, 64);
  fds[4] = fcntl (pairs[2][0], F_DUPFD, 64);
  for (int i = 0; i < 3; i++)
    fcntl (pairs[i][1], F_DUPFD, 64);
  for (int i = 0; i < 5; i++)
    dup2 (fds[i], FOYER_CHANNEL_FD + i);
  dup2 (world.sockets[3], POOL_FD);
}

/* A socket that listens, and somebody who knocked there. */
static void
arrange_listener (int number)
{
  int fd = make_socket (SOCK_STREAM);
  struct sockaddr_in name = get_name (fd);

  if (listen (fd, 1) != 0)
    _exit (NO_SANDBOX);
  make_connected (SOCK_STREAM, &name);
  dup2 (fd, number);
}

static gboolean
enter (FoyerWorkerKind kind, const char **lacks, GError **error)
{
  return kind == LIBCAMERA ? foyer_sandbox_enter_libcamera (lacks, error)
                           : foyer_sandbox_enter (kind, lacks, error);
}

static int
make_try (const Try *try)
{
  if (try->run != NULL)
    return try->run ();
  return result (syscall ((long) try->call[0], try->call[1], try->call[2],
      try->call[3], try->call[4]));
}

static int
child_try (const Try *try, FoyerWorkerKind kind)
{
  g_autoptr (GError) error = NULL;
  const char *lacks;

  child_arrange ();
  if (try->has_listeners) {
    arrange_listener (FOYER_SANDBOX_MEDIA_FD);
    arrange_listener (OTHER_FD);
  }
  if (kind != FOYER_WORKER_NONE && !enter (kind, &lacks, &error)) {
    g_printerr ("%s\n", error->message);
    return NO_SANDBOX;
  }
  return make_try (try);
}

static int
run (const Try *try, FoyerWorkerKind kind)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    _exit (child_try (try, kind));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (WIFSIGNALED (status))
    return WTERMSIG (status) == SIGSYS ? KILLED : UNFINISHED;
  return WEXITSTATUS (status);
}

static void
test_try (gconstpointer data)
{
  const Try *try = data;
  int outside = run (try, FOYER_WORKER_NONE);

  if (!try->is_free_to_fail)
    g_assert_cmpint (outside, ==, 0);
  for (guint kind = FOYER_WORKER_CAMERA; kind <= FOYER_WORKER_APP; kind++) {
    if ((try->kinds & 1u << kind) == 0)
      continue;
    g_test_message ("kind %u", kind);
    g_assert_cmpint (run (try, (FoyerWorkerKind) kind), ==, try->expected);
  }
  if ((try->kinds & CAMERA) != 0)
    g_assert_cmpint (run (try, LIBCAMERA), ==, try->expected);
}

static int
try_nothing (void)
{
  return 0;
}

static void
test_unknown_kind (void)
{
  const Try nothing = { .run = try_nothing };

  g_assert_cmpint (run (&nothing, FOYER_WORKER_SLATE), ==, 0);
  g_assert_cmpint (run (&nothing, (FoyerWorkerKind) 9), ==, NO_SANDBOX);
}

static void *
thread_wait (void *data)
{
  pause ();
  return data;
}

static void
test_threads_before (void)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0) {
    pthread_t thread;
    const char *lacks;

    child_arrange ();
    pthread_create (&thread, NULL, thread_wait, NULL);
    _exit (foyer_sandbox_enter (FOYER_WORKER_CAMERA, &lacks, NULL) ? 1 : 0);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

/* A thread that ran before, and waits to be told to try. */
typedef struct
{
  int begin[2];
  int (*run) (void);
  int result;
} Early;

static void *
thread_try (void *data)
{
  Early *early = data;
  char go;

  if (read (early->begin[0], &go, 1) == 1)
    early->result = early->run ();
  return NULL;
}

/* Where libcamera has threads already, they stand behind the same walls. */
static void
test_threads_of_libcamera (void)
{
  static int (*const some[]) (
      void) = { try_open_to_read, try_socket_inet, try_tgkill };

  for (guint i = 0; i < G_N_ELEMENTS (some); i++) {
    Early early = { .run = some[i], .result = UNFINISHED };
    pid_t pid = fork ();
    int status;

    if (pid == 0) {
      pthread_t thread;
      const char *lacks;

      child_arrange ();
      if (pipe (early.begin) != 0 ||
          pthread_create (&thread, NULL, thread_try, &early) != 0 ||
          !foyer_sandbox_enter_libcamera (&lacks, NULL) ||
          write (early.begin[1], "x", 1) != 1 ||
          pthread_join (thread, NULL) != 0)
        _exit (NO_SANDBOX);
      _exit (early.result);
    }
    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status), ==, EACCES);
  }
}

/* An older kernel, as far as a process can tell. */
static void
hide_landlock (void)
{
  scmp_filter_ctx context = seccomp_init (SCMP_ACT_ALLOW);

  if (seccomp_rule_add (context, SCMP_ACT_ERRNO (ENOSYS),
          SCMP_SYS (landlock_create_ruleset), 0) != 0 ||
      seccomp_load (context) != 0)
    _exit (UNFINISHED);
  seccomp_release (context);
}

/* The other walls stand by themselves, and READY can say what is missing. */
static void
test_without_landlock (void)
{
  static int (*const some[]) (void) = { try_open_to_read, try_socket_inet,
    try_connect_elsewhere, try_tgkill };

  for (guint i = 0; i < G_N_ELEMENTS (some); i++) {
    pid_t pid = fork ();
    int status;

    if (pid == 0) {
      const char *lacks = NULL;

      child_arrange ();
      hide_landlock ();
      if (!foyer_sandbox_enter (FOYER_WORKER_CAST, &lacks, NULL) ||
          g_strcmp0 (lacks, "Landlock") != 0)
        _exit (NO_SANDBOX);
      _exit (some[i]());
    }
    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status), ==, EACCES);
  }
}

static int
try_connect_new_socket (void)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  return result (
      connect (fd, (const struct sockaddr *) &world.tcp, sizeof world.tcp));
}

/* So does Landlock, as far as this kernel has it. */
static void
test_landlock_alone (void)
{
  static const struct
  {
    int (*run) (void);
    int expected;
  } some[] = { { try_open_to_read, EACCES }, { try_open_null, EACCES },
    { try_connect_new_socket, EACCES }, { try_kill, EPERM } };

  for (guint i = 0; i < G_N_ELEMENTS (some); i++) {
    pid_t pid = fork ();
    int status;

    if (pid == 0) {
      const char *lacks = NULL;

      prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      if (!foyer_landlock_enter (&lacks, NULL))
        _exit (UNFINISHED);
      _exit (*lacks != '\0' ? NO_SANDBOX : some[i].run ());
    }
    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_true (WIFEXITED (status));
    if (WEXITSTATUS (status) == NO_SANDBOX) {
      g_test_skip ("this kernel's Landlock is too old");
      return;
    }
    g_assert_cmpint (WEXITSTATUS (status), ==, some[i].expected);
  }
}

/* Nobody can look into a worker from outside either, but root: what can't be
 * dumped belongs to root. */
static gboolean
belongs_to_root (gboolean is_locked_in)
{
  char ready = 0;
  g_autofree char *path = NULL;
  GStatBuf about;
  int ends[2];
  pid_t pid;

  g_assert_no_errno (pipe (ends));
  pid = fork ();
  if (pid == 0) {
    const char *lacks;

    if (getuid () == 0 && setresuid (NOBODY, NOBODY, NOBODY) != 0)
      _exit (UNFINISHED);
    prctl (PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (is_locked_in && !foyer_sandbox_enter (FOYER_WORKER_CAST, &lacks, NULL))
      _exit (NO_SANDBOX);
    if (write (ends[1], "x", 1) != 1)
      _exit (UNFINISHED);
    for (;;)
      (void) poll (NULL, 0, -1);
  }
  close (ends[1]);
  g_assert_cmpint (read (ends[0], &ready, 1), ==, 1);
  close (ends[0]);
  path = g_strdup_printf ("/proc/%d/environ", (int) pid);
  g_assert_no_errno (g_stat (path, &about));
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  return about.st_uid == 0;
}

static void
test_not_dumpable (void)
{
  g_assert_false (belongs_to_root (FALSE));
  g_assert_true (belongs_to_root (TRUE));
}

int
main (int argc, char **argv)
{
  int result_code;

  g_test_init (&argc, &argv, NULL);
  world_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (tries); i++) {
    g_autofree char *path = g_strconcat ("/sandbox/", tries[i].name, NULL);

    g_test_add_data_func (path, &tries[i], test_try);
  }
  g_test_add_func ("/sandbox/walls/without-landlock", test_without_landlock);
  g_test_add_func ("/sandbox/walls/landlock-alone", test_landlock_alone);
  g_test_add_func ("/sandbox/walls/threads-of-libcamera",
      test_threads_of_libcamera);
  g_test_add_func ("/sandbox/walls/not-dumpable", test_not_dumpable);
  g_test_add_func ("/sandbox/kind/unknown", test_unknown_kind);
  g_test_add_func ("/sandbox/kind/threads-before", test_threads_before);
  result_code = g_test_run ();
  world_end ();
  return result_code;
}
