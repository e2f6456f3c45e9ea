/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ids.h"

#include <glib.h>

G_BEGIN_DECLS

/* The worker channel: what foyerd and one worker may say to each other, over a
 * SEQPACKET socket that is the worker's fd 3. A message is at most 1 KiB, a
 * version byte, a type byte, then the fields that its type has, big-endian, in
 * the order of FoyerMessageField; file descriptors come with it (SCM_RIGHTS).
 *
 * One table says for each type: who says it, to which kind of worker, after what,
 * whether more than once, which fields, how many descriptors. Anything else is an
 * error, and the peer is at an end: foyerd kills the worker, a worker exits.
 * Codec and table are pure.
 *
 * Messages cross on their way: foyerd links a cast that has just said FAILED; a
 * worker says LIVE while CLOSE is under way. Two honest ends must not end each
 * other for that. So what an end may say depends on what it said itself (after
 * CLOSE foyerd says nothing more; after CLOSED, FAILED, CLEANED or PROBED a worker
 * says nothing but CLEANED) and on what it has heard, but never on what it has *not*
 * heard. A worker takes and drops what comes after its own last word.
 *
 *     camera    CAMERA_CONFIG  READY  OPENED
 *               (LINK  SOUND_LINK  MICROPHONE  UNLINK)…
 *               (SOUND_HEARD  SOUND_MUTED  SOUND_LOST)…
 *     prober    PROBE_CONFIG  READY  FOUND…  PROBED
 *     cast      CAST_CONFIG  READY  IDENTITY  APPROVE  LAUNCHED  STREAMING…
 *               LINK  SOUND_LINK  LIVE  (STALLED RESUMED)…
 *     cleaner   CLEAN_CONFIG  SET_VOLUME  READY  IDENTITY  APPROVE  VOLUME
 *               CLEANED
 *     loopback  LOOPBACK_CONFIG  READY  STREAMING…  LINK  LIVE
 *               (STALLED RESUMED)…
 *     standing  STANDING_CONFIG  READY
 *     app       APP_CONFIG  READY  STREAMING…  LINK  LIVE  (STALLED RESUMED)…
 *     slate     SLATE_CONFIG  READY  DRAWN
 *     all       after CONFIG CLOSE, then CLOSED; at any time in its place FAILED
 *     cast, loopback and app  after READY SLATE… and (ASK_ACCOUNT ACCOUNT)…, the
 *               next question after the last answer; after LINK STALLED, LIVE or
 *               not; CLEANED after CLOSED or FAILED */

#define FOYER_CHANNEL_FD         3
#define FOYER_CHANNEL_MAX_BYTES  1024
#define FOYER_CHANNEL_MAX_FDS    4
#define FOYER_CHANNEL_KEY_BYTES  32
#define FOYER_CHANNEL_TEXT_BYTES 256 /* with the NUL; UTF-8 */

typedef enum
{
  FOYER_WORKER_NONE = 0,
  FOYER_WORKER_CAMERA,
  FOYER_WORKER_CAST,
  FOYER_WORKER_LOOPBACK,
  FOYER_WORKER_SLATE, /* draws and encodes one slate; never sees a frame */
  FOYER_WORKER_APP,   /* hands a camera's frames to one program */
} FoyerWorkerKind;

/* How far the two are with each other; never goes back. While messages are under
 * way, the ends may differ. */
typedef enum
{
  FOYER_PHASE_BORN = 0, /* nothing said; nothing but CONFIG is expected */
  FOYER_PHASE_SET,      /* CONFIG said; the worker locks itself in */
  FOYER_PHASE_READY,    /* READY said */
  FOYER_PHASE_RUNNING,  /* APPROVE (cast), OPENED, STREAMING (the rest) said */
  FOYER_PHASE_CLOSING,  /* CLOSE said */
  FOYER_PHASE_CLOSED,   /* CLOSED or FAILED said: no frame leaves any more */
} FoyerPhase;

/* What is said, with the fields that it has. */
typedef enum
{
  FOYER_MESSAGE_NONE = 0,
  /* from foyerd */
  /* camera generation source number ticking shape (to open) text (its name; what
   * libcamera calls it) + device, if it is one */
  FOYER_MESSAGE_CAMERA_CONFIG,
  /* session camera generation granted_us ends_us max_age_us delay_ms trust
   * transport media shape (the most to offer) key (paired; zeros for none) text
   * (the camera's name) + TCP, UDP or listening TCP, roots (PEM) or /dev/null,
   * tally */
  FOYER_MESSAGE_CAST_CONFIG,
  /* session trust key text (the app's session id), + the first three: to a cast
   * worker that is to stop an app and no more */
  FOYER_MESSAGE_CLEAN_CONFIG,
  /* session camera generation granted_us ends_us max_age_us shape text (the
   * camera's name) + node, tally */
  FOYER_MESSAGE_LOOPBACK_CONFIG,
  FOYER_MESSAGE_SLATE_CONFIG, /* shape text (what to draw) */
  /* cast: this is the display that was granted. codecs: it may be offered, and no
   * other can be made; of no meaning to a cleaner */
  FOYER_MESSAGE_APPROVE,
  /* session camera generation granted_us shape; camera: + writing end; others:
   * + reading end */
  FOYER_MESSAGE_LINK,
  FOYER_MESSAGE_UNLINK,      /* session: it is over; camera */
  FOYER_MESSAGE_SLATE,       /* shape + sealed memfd with one coded picture */
  FOYER_MESSAGE_CLOSE,       /* close gate and history, say CLOSED, clean up */
  FOYER_MESSAGE_ASK_ACCOUNT, /* who shows frames: say ACCOUNT */
  /* from a worker */
  /* locked in; loopback: and its node holds nothing but the slate. camera: codecs
   * it can make, none for the others. text: walls that the kernel lacks, or "" */
  FOYER_MESSAGE_READY,
  FOYER_MESSAGE_OPENED, /* camera: pictures come; camera generation shape */
  /* cast: who the display is; key has_signed has_chain is_device text (model) */
  FOYER_MESSAGE_IDENTITY,
  FOYER_MESSAGE_LAUNCHED, /* cast: text is the session id of the app */
  /* cast, loopback, app: wants frames of this shape. cast: number is the port that the
   * display wants media at: its UDP socket sends nothing until foyerd, which has
   * it too, connected it there, and LINK says that this is done. 0 over HTTP,
   * where the display comes by itself. sound: what it is to hear; none for others */
  FOYER_MESSAGE_STREAMING,
  FOYER_MESSAGE_LIVE,    /* the first frame left */
  FOYER_MESSAGE_STALLED, /* no fresh frame: the slate is shown */
  FOYER_MESSAGE_RESUMED, /* fresh frames again */
  FOYER_MESSAGE_ACCOUNT, /* account: figures so far */
  FOYER_MESSAGE_DRAWN,   /* slate: shape + sealed memfd, one coded picture */
  FOYER_MESSAGE_CLOSED,  /* no byte leaves any more; account: last figures */
  FOYER_MESSAGE_FAILED,  /* the same, by itself: reason account text (words) */
  FOYER_MESSAGE_CLEANED, /* the same three: no picture is left; exits next */
  /* from foyerd: shape text (the camera's name) + node, to a loopback worker that
   * is to keep a node clean and show the slate there, and no more */
  FOYER_MESSAGE_STANDING_CONFIG,
  /* session camera generation granted_us ends_us max_age_us shape (what the
   * program gets; of a still, one) text (the camera's name) + writing end of the
   * link to the program, tally */
  FOYER_MESSAGE_APP_CONFIG,
  /* session camera generation granted_us shape (of sound); as LINK, and after it:
   * of what the microphone of the camera hears; camera: + its device, if it has one
   * that is not open already */
  FOYER_MESSAGE_SOUND_LINK,
  /* camera: the microphone gives nothing any more and is closed; pictures and links
   * of sound go on; text (words; "" if none came that could be opened) */
  FOYER_MESSAGE_SOUND_LOST,
  /* from foyerd, to a camera's worker that is to look and no more; then from it */
  FOYER_MESSAGE_PROBE_CONFIG,
  FOYER_MESSAGE_FOUND,  /* text: what libcamera calls a camera that is there */
  FOYER_MESSAGE_PROBED, /* that was all; exits next */
  /* volume (what is to be): a cleaner is to stop no app, but to ask how loud the
   * display is, or to set that first */
  FOYER_MESSAGE_SET_VOLUME,
  FOYER_MESSAGE_VOLUME, /* the answer: volume, all of it known */
  /* camera: open the microphone for the links of sound that are there, if it is
   * closed; + its device, if it has one */
  FOYER_MESSAGE_MICROPHONE,
  FOYER_MESSAGE_SOUND_HEARD, /* camera: the microphone gives sound (again) */
  /* camera: it gives samples, but nothing but zeros: switched off, or broken */
  FOYER_MESSAGE_SOUND_MUTED,
  FOYER_N_MESSAGES,
} FoyerMessageType;

/* The fields, in their order on the wire; those of #FoyerMessage. Ids,
 * generation, max_age_us and reason are never 0, times never negative. */
typedef enum
{
  FOYER_FIELD_SESSION = 0,
  FOYER_FIELD_CAMERA,
  FOYER_FIELD_GENERATION,
  FOYER_FIELD_GRANTED,
  FOYER_FIELD_ENDS,
  FOYER_FIELD_MAX_AGE,
  FOYER_FIELD_DELAY,
  FOYER_FIELD_SOURCE,
  FOYER_FIELD_NUMBER,
  FOYER_FIELD_TICKING,
  FOYER_FIELD_TRUST,
  FOYER_FIELD_TRANSPORT,
  FOYER_FIELD_MEDIA,
  FOYER_FIELD_SOUND,
  FOYER_FIELD_VOLUME, /* has_level, has_muted, is_muted; level_permille */
  FOYER_FIELD_SHAPE,
  FOYER_FIELD_KEY,
  FOYER_FIELD_PROOF, /* has_signed, has_chain, is_device */
  FOYER_FIELD_CODECS,
  FOYER_FIELD_REASON,
  FOYER_FIELD_ACCOUNT,
  FOYER_FIELD_TEXT,
  FOYER_N_FIELDS,
} FoyerMessageField;

/* Codecs on channels and links. */
typedef enum
{
  FOYER_CODEC_NONE = 0,
  FOYER_CODEC_H264, /* byte stream, whole access units, headers in key frames */
  FOYER_CODEC_VP8,
  FOYER_CODEC_RAW, /* I420, no padding */
  /* Stills, one and no more: to a program alone, never from a camera. */
  FOYER_CODEC_PNG,
  FOYER_CODEC_JPEG,
  /* Sound, 48 kHz; over links of its own. */
  FOYER_CODEC_OPUS,
  FOYER_CODEC_AAC, /* LC, raw frames of 1024 samples */
  FOYER_N_CODECS,
} FoyerCodec;

/* What a display hears. */
typedef enum
{
  FOYER_SOUND_NONE = 0,
  FOYER_SOUND_SILENCE, /* generated: it takes no picture without */
  FOYER_SOUND_CAMERA,  /* what the camera's microphone hears; was granted */
  /* of foyerd's alone: */
  FOYER_SOUND_LOST,  /* was granted, and does not come */
  FOYER_SOUND_MUTED, /* comes, and is nothing but zeros */
  FOYER_N_SOUNDS,
} FoyerSound;

/* How a display gets what it is shown. */
typedef enum
{
  FOYER_TRANSPORT_NONE = 0,
  FOYER_TRANSPORT_STREAMING, /* Cast Streaming: RTP, encrypted end to end */
  FOYER_TRANSPORT_HTTP, /* a URL of the worker's own server, in the clear */
  FOYER_N_TRANSPORTS,
} FoyerTransport;

/* A set of coded ones. */
typedef enum
{
  FOYER_CODECS_NONE = 0,
  FOYER_CODECS_H264 = 1 << 0,
  FOYER_CODECS_VP8 = 1 << 1,
  FOYER_CODECS_ALL = FOYER_CODECS_H264 | FOYER_CODECS_VP8,
} FoyerCodecs;

/* Whether a ticking clock is drawn into coded pictures. */
typedef enum
{
  FOYER_TICKING_OFF = 0,
  FOYER_TICKING_ON,   /* so nothing that a camera codes can be handed on */
  FOYER_TICKING_AUTO, /* but into those that a camera codes itself */
  FOYER_N_TICKINGS,
} FoyerTicking;

/* What a camera's pictures come from. */
typedef enum
{
  FOYER_SOURCE_NONE = 0,
  FOYER_SOURCE_DRAWN,     /* a moving scene with the mark, for demo and tests */
  FOYER_SOURCE_V4L2,      /* the device that came along */
  FOYER_SOURCE_LIBCAMERA, /* what libcamera makes of the sensor that came along */
  FOYER_N_SOURCES,
} FoyerSource;

/**
 * FoyerShape:
 * @codec: how frames are coded
 * @width_px: most, or exactly for a node; of sound the number of channels
 * @height_px: likewise; of sound 1
 * @fps_n: frames a second, numerator; 0 if it varies; of sound packets
 * @fps_d: denominator; never 0
 * @max_bps: most bit/s; 0 for raw, or if it is not known
 * @key_ms: most time between key frames; 0 where one comes when it is asked for
 */
typedef struct
{
  FoyerCodec codec;
  guint16 width_px;
  guint16 height_px;
  guint16 fps_n;
  guint16 fps_d;
  guint32 max_bps;
  guint16 key_ms;
} FoyerShape;

/**
 * FoyerAccount:
 * @n_frames: camera frames that left
 * @n_bytes: bytes of camera data that left, headers and retransmissions included
 * @n_refused: frames that the gate kept back
 * @n_foreign: over HTTP: requests that were refused, and connections from elsewhere
 *   or one too many
 * @first_sequence: of the first frame that left; 0 if none did
 * @last_sequence: of the last
 * @rtt_us: round trip to the display; -1 while unknown
 * @delay_us: capture to complete at the display, smoothed; -1 while unknown
 * @bps: bit rate now
 * @loss: datagrams lost, of 256, as the display last said
 *
 * A session's figures; they never hold a picture.
 */
typedef struct
{
  guint64 n_frames;
  guint64 n_bytes;
  guint64 n_refused;
  guint64 n_foreign;
  guint64 first_sequence;
  guint64 last_sequence;
  gint64 rtt_us;
  gint64 delay_us;
  guint32 bps;
  guint8 loss;
} FoyerAccount;

/**
 * FoyerMessage:
 * @type: what is said; which of the rest counts is in the table
 * @session: whose
 * @camera: of which camera
 * @generation: and which opening
 * @granted_us: frames captured before it are refused, monotonic
 * @ends_us: no frame leaves from then on, monotonic; 0 for never
 * @max_age_us: frames older than that are refused
 * @delay_ms: target delay, up to 60000
 * @source: camera: what it is
 * @number: camera: its number in the mark, if drawn; cast: the port that media
 *   goes to; 16 bits
 * @ticking: camera: whether a clock is drawn into coded pictures
 * @trust: 0 device, 1 pinned, 2 any (foyer-core.h)
 * @transport: cast: how the display gets it; never none
 * @media: cast: what was granted, a set of FoyerMedia (foyer-policy.h): 1 video,
 *   2 audio, 4 stills; pictures always among them
 * @sound: cast: what the display hears
 * @has_level: @level_permille counts; else it is 0
 * @level_permille: how loud, up to 1000
 * @has_muted: @is_muted counts; else it is false
 * @is_muted: the sound is off
 * @shape: of frames
 * @key: SHA-256 of the display's key
 * @has_signed: signature and nonce are right
 * @has_chain: and the chain leads to a trusted root
 * @is_device: by device authentication
 * @codecs: of #FoyerCodecs
 * @reason: why it failed: a #FoyerReason
 * @account: figures
 * @text: a name, words of an error, an app's session id, a slate's text; UTF-8
 */
typedef struct
{
  FoyerMessageType type;
  FoyerSessionId session;
  FoyerCameraId camera;
  guint64 generation;
  gint64 granted_us;
  gint64 ends_us;
  gint64 max_age_us;
  guint32 delay_ms;
  FoyerSource source;
  guint32 number;
  FoyerTicking ticking;
  guint8 trust;
  FoyerTransport transport;
  guint8 media;
  FoyerSound sound;
  gboolean has_level;
  guint16 level_permille;
  gboolean has_muted;
  gboolean is_muted;
  FoyerShape shape;
  guint8 key[FOYER_CHANNEL_KEY_BYTES];
  gboolean has_signed;
  gboolean has_chain;
  gboolean is_device;
  guint8 codecs;
  guint8 reason;
  FoyerAccount account;
  char text[FOYER_CHANNEL_TEXT_BYTES];
} FoyerMessage;

/**
 * foyer_message_write:
 * @self: a message
 * @out: (out caller-allocates) (array length=n_capacity_bytes): where it goes
 * @n_capacity_bytes: room there
 *
 * Fields that its type does not have are not looked at.
 *
 * Returns: its length; 0 if it can't be written: no such type, a field out of
 *   range, text that is not UTF-8 or too long, no room
 */
gsize foyer_message_write (const FoyerMessage *self, guint8 *out,
    gsize n_capacity_bytes);

/**
 * foyer_message_read:
 * @self: (out caller-allocates): the message, fields that it does not have zero;
 *   untouched if there is none
 * @data: (array length=n_bytes): exactly one
 * @n_bytes: its length
 *
 * Returns: %FALSE for anything that foyer_message_write() does not make
 */
gboolean foyer_message_read (FoyerMessage *self, const guint8 *data,
    gsize n_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* "camera-config", "ready", …; "none" for no type. For logs. */
const char *foyer_message_type_to_string (FoyerMessageType type);

/**
 * FoyerProtocol:
 * @kind: of worker
 * @phase: where the two are
 * @said: types said already, a bit each
 *
 * One end's view of what may come next.
 */
typedef struct
{
  FoyerWorkerKind kind;
  FoyerPhase phase;
  guint64 said;
} FoyerProtocol;

void foyer_protocol_init (FoyerProtocol *self, FoyerWorkerKind kind);

/**
 * foyer_protocol_take:
 * @self: a protocol
 * @is_from_worker: who says it
 * @message: what
 * @n_fds: descriptors that came along
 *
 * Both ends call this for what they send and what they get, and so agree.
 *
 * Returns: %FALSE if it may not be said now by them: nothing has changed then
 */
gboolean foyer_protocol_take (FoyerProtocol *self, gboolean is_from_worker,
    const FoyerMessage *message, guint n_fds) G_GNUC_WARN_UNUSED_RESULT;

/* sockets: foyer-channel-socket.c */

/**
 * foyer_channel_send:
 * @fd: a channel
 * @protocol: its protocol
 * @is_from_worker: who we are
 * @message: what to say
 * @fds: (array length=n_fds) (transfer none): to go along; stay open here
 * @n_fds: how many
 * @error: return location
 *
 * Never blocks: a peer that lets its channel fill up is at an end. Of one that is
 * gone, last words may still be there to receive.
 *
 * Returns: %FALSE with a #GIOErrorEnum if it is not allowed now
 *   (%G_IO_ERROR_INVALID_ARGUMENT), the peer is gone
 *   (%G_IO_ERROR_CONNECTION_CLOSED), or it can't be sent: @protocol is unchanged
 */
gboolean foyer_channel_send (int fd, FoyerProtocol *protocol,
    gboolean is_from_worker, const FoyerMessage *message, const int *fds,
    guint n_fds, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_channel_receive:
 * @fd: a channel, non-blocking
 * @protocol: its protocol
 * @is_from_worker: who the peer is
 * @message: (out caller-allocates): what was said
 * @fds: (out caller-allocates) (array fixed-size=4) (transfer full): what came
 *   along, close-on-exec; -1 for none
 * @error: return location
 *
 * Returns: 1 for a message; 0 for none now; -1 with @error set if the peer closed
 *   (%G_IO_ERROR_CONNECTION_CLOSED) or broke the rules
 *   (%G_IO_ERROR_INVALID_DATA): all descriptors that came along are closed
 */
int foyer_channel_receive (int fd, FoyerProtocol *protocol,
    gboolean is_from_worker, FoyerMessage *message, int *fds, GError **error);

/**
 * foyer_channel_pair:
 * @ends: (out caller-allocates) (array fixed-size=2) (transfer full): both ends,
 *   non-blocking, close-on-exec
 * @error: return location
 *
 * Returns: %FALSE with a #GIOErrorEnum
 */
gboolean foyer_channel_pair (int *ends,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
