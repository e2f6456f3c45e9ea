/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-alarm.h"
#include "foyer-broker.h"
#include "foyer-dialer.h"
#include "foyer-errand.h"
#include "foyer-house.h"
#include "foyer-keeper.h"
#include "foyer-peer.h"
#include "foyer-sensors.h"
#include "foyer-starts.h"

G_BEGIN_DECLS

/* What the files of the house share, and nobody else may see. */

/* A camera on a node; foyer-house-nodes.c */
typedef struct _FoyerExposure FoyerExposure;

/* What foyerd holds of one session, beside the core's view. Its camera, display
 * and worker never change. */
typedef struct
{
  FoyerHouse *house;
  FoyerSessionId id;
  FoyerCast cast;
  char *camera_name;
  char *camera_identity;
  char *display_name;
  char *display_identity;
  FoyerRuleId rule;
  guint64 generation;
  gint64 granted_us;
  gint64 since_us;
  gboolean is_logged; /* its beginning is in the log: without, it never runs */
  FoyerShape shape;
  FoyerSound sound;
  char *sound_problem;     /* nullable; why nothing is heard */
  gboolean has_sound_link; /* now what is heard is known here */
  gboolean was_heard;      /* its camera's microphone, at any time */
  gboolean is_stalled;
  const char *step;
  FoyerReason reason;
  char *words; /* nullable; the worker's, of its failure */
  FoyerAccount account;
  gboolean is_approved;      /* and not yet told so: codecs are not known */
  gboolean has_last_account; /* the worker's last word: nothing left since */
  int tally;                 /* what it counts in the meantime; -1 for none */
  char *app;                 /* nullable */
  GCancellable *dialling;
  FoyerLine line;          /* until media is connected */
  int link;                /* of a program: until it was told; -1 for none */
  FoyerLinkTold link_told; /* NULL once it was */
  gpointer link_data;
  FoyerPeer *peer;      /* nullable; the session's worker */
  FoyerPeer *slate;     /* nullable; who draws */
  char *slate_text;     /* nullable; what is to be drawn next */
  gint64 slate_due_us;  /* when the slates so far are paid for, monotonic */
  FoyerErrand *cleaner; /* nullable */
  GArray *askers;       /* of Asker */
} FoyerRun;

/* Who waits for figures. */
typedef struct
{
  FoyerAccountTold told;
  gpointer user_data;
} FoyerAsker;

/* A camera that is opened, or is being opened. */
typedef struct
{
  FoyerHouse *house;
  FoyerCameraId camera;
  guint64 generation;
  gint64 since_us;       /* monotonic */
  gboolean is_open;      /* pictures came */
  FoyerPeer *peer;       /* nullable */
  FoyerSensors *sensors; /* nullable; held */
  gboolean is_ready;     /* its worker is locked in, and said: */
  FoyerCodecs codecs;    /* what it can make */
  guint doubt;           /* it failed; is it unplugged? */
  /* foyer-house-sound.c; its microphone, as its worker says: */
  FoyerSound sound;        /* CAMERA, MUTED; NONE for neither, or not known */
  gboolean has_microphone; /* it was given one, and has not lost it since */
  gint64 heard_us;         /* since when, monotonic; 0 for not at all */
  guint sound_timer;       /* of the next try */
  guint n_sound_tries;
  guint n_soon; /* of those that nobody is told of */
} FoyerOpening;

struct _FoyerHouse
{
  FoyerHouseParts parts;
  const FoyerHouseEvents *events; /* NULL before start */
  gpointer user_data;
  FoyerCore *core;
  FoyerEffects *effects;
  GQueue queue; /* of FoyerEvent */
  gboolean is_running;
  FoyerReason failed;    /* of the event just done: why it was refused */
  FoyerRuleId denied_by; /* and by which rule */
  guint64 next_session;
  GHashTable *runs;      /* guint64 of a session → FoyerRun */
  GHashTable *openings;  /* guint64 of a camera → FoyerOpening */
  FoyerSensors *sensors; /* nullable */
  FoyerRun *pending;     /* of the cast being decided */
  gboolean is_logged;    /* the last beginning is in the log */
  FoyerTicking ticking;  /* of a camera that it opens */
  GQueue ends;           /* of End: rows of the log to be written at leisure */
  guint end_writer;      /* who does */
  GPtrArray *waits;      /* of Wait; who waits for silence */
  FoyerAlarm *alarm;
  GHashTable *expired; /* guint64 of rules whose time is over */
  gint64 expiry_us;    /* when the next one's is, monotonic; 0 for never */
  FoyerStarts *starts; /* of sessions */
  FoyerStarts *slates;
  FoyerStarts *cleaners;
  FoyerKeeper *keeper;
  GPtrArray *exposures;  /* of FoyerExposure */
  GPtrArray *residues;   /* of FoyerResidue: displays to clean up */
  GPtrArray *leftovers;  /* of Leftover: cleaners under way for them */
  char *display_problem; /* nullable */
  FoyerSilent closed;    /* who waits for the end, once it is closing */
  gpointer closed_data;
  guint closing_limit;
  gboolean is_closing;
};

/* foyer-house.c */

/**
 * foyer_house_post:
 * @self: the house
 * @event: what happened; its moment is filled in
 *
 * Lets the core decide and carries out what it says; at once, or, if it is being
 * done already, right after that.
 *
 * Returns: why the event was refused; NONE too if it has to wait
 */
FoyerReason foyer_house_post (FoyerHouse *self, const FoyerEvent *event);

/* The same, of a session and with a reason alone. */
void foyer_house_post_session (FoyerHouse *self, FoyerEventKind kind,
    FoyerSessionId id, FoyerReason reason);

/* (nullable): what is held of a session */
FoyerRun *foyer_house_find_run (FoyerHouse *self, FoyerSessionId id);

/* Tells that something of a session changed. */
void foyer_house_tell_session (FoyerHouse *self, const FoyerRun *run);

/* What there is to know of it. */
void foyer_house_fill_view (const FoyerHouse *self, const FoyerRun *run,
    FoyerSessionView *view);

/* A session is over: perhaps the last of a house that is closing. */
void foyer_house_note_over (FoyerHouse *self);

/* foyer_house_cast(), and why it was refused, if it was. */
gboolean foyer_house_cast_with_reason (FoyerHouse *self, const FoyerCast *cast,
    FoyerSessionId *id, FoyerReason *reason,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets it to what is due next. */
void foyer_house_set_alarm (FoyerHouse *self);

/* foyer-house-owner.c */

/* A row of the log about a rule: what became of it, and what it said, since the
 * rule itself may go. @uid is G_MAXUINT32 if nobody did it. */
void foyer_house_book_rule (FoyerHouse *self, guint32 uid,
    const FoyerRule *rule, const char *what);

/* Tells that there are other rules in force. */
void foyer_house_tell_rules (FoyerHouse *self);

/* foyer-house-expiry.c */

/* Of a house whose rules are not known yet. */
void foyer_house_init_expiries (FoyerHouse *self);

/* Nothing more is noted. */
void foyer_house_free_expiries (FoyerHouse *self);

/* Looks which rules have expired, and when the next one will: %TRUE if others
 * have than before, of which the log knows then. */
gboolean foyer_house_note_expiries (FoyerHouse *self);

/* foyer-house-nodes.c */

/* Of a house in which nothing is exposed yet. */
void foyer_house_init_nodes (FoyerHouse *self);

/* Opens the nodes of the state. */
void foyer_house_start_nodes (FoyerHouse *self);

/* Rules, cameras or lockdown changed: what was refused may not be now. */
void foyer_house_consider_nodes (FoyerHouse *self);

/* A session on a node is over. */
void foyer_house_note_node_over (FoyerHouse *self, const FoyerRun *run,
    FoyerReason reason, gint64 lasted_us);

/* (nullable): that of a node */
FoyerExposure *foyer_house_find_exposure (FoyerHouse *self, FoyerTargetId id);

/**
 * foyer_exposure_lend:
 * @self: an exposure
 * @out_shape: (out caller-allocates): of its pictures
 *
 * Ends the standing worker, so that a session's may write.
 *
 * Returns: the device, borrowed; -1 if it is not to be had
 */
int foyer_exposure_lend (FoyerExposure *self, FoyerShape *out_shape);

/**
 * foyer_exposure_take_back:
 * @self: an exposure
 * @id: a session whose worker is no more
 * @reason: why
 *
 * Has the ring scrubbed if the worker may have written to it.
 *
 * Returns: %TRUE if the end of the worker will be posted from here, after that
 */
gboolean foyer_exposure_take_back (FoyerExposure *self, FoyerSessionId id,
    FoyerReason reason);

/* Kills what keeps them clean: nothing is in them then. */
void foyer_house_free_nodes (FoyerHouse *self);

/* foyer-house-wait.c */

/**
 * foyer_house_wait_silent:
 * @self: the house
 * @id: of one session; 0 for all that are closing now
 * @silent: called once they are silent; at once if they are
 * @user_data: for it
 */
void foyer_house_wait_silent (FoyerHouse *self, FoyerSessionId id,
    FoyerSilent silent, gpointer user_data);

/* A session fell silent. */
void foyer_house_note_silent (FoyerHouse *self, FoyerSessionId id);

/* foyer-effects.c */

/* Carries out one effect. */
void foyer_house_carry_out (FoyerHouse *self, const FoyerEffect *effect);

/* foyer-run.c */

/* (transfer full): of a cast that is being asked for */
FoyerRun *foyer_run_new (FoyerHouse *house, FoyerSessionId id,
    const FoyerCast *cast);

/* Dials and launches, as soon as there is room for one more start. */
void foyer_run_start (FoyerRun *self);

/* Tells its worker that its display is the granted one, and what it may be
 * offered: as soon as that is known of the camera. */
void foyer_run_approve (FoyerRun *self);

/* Tells its worker; the worker's end follows if it can't be told. */
void foyer_run_send (FoyerRun *self, FoyerMessageType type);

/**
 * foyer_run_make_worker:
 * @self: a session without a worker
 * @kind: of worker
 * @config: what it is to hear first; what there is of the grant in it is filled in
 *
 * Starts its process and tells it nothing yet. If that fails, the worker's end is
 * posted.
 *
 * Returns: (transfer none): the tally, for the worker; -1 if there is no worker
 */
int foyer_run_make_worker (FoyerRun *self, FoyerWorkerKind kind,
    FoyerMessage *config);

/**
 * foyer_run_launch:
 * @self: a session without a worker
 * @kind: of worker
 * @config: what it hears first; what there is of the grant in it is filled in
 * @fds: (array length=n_fds) (transfer none): to go along, before its tally
 * @n_fds: how many
 *
 * Launches its worker. If that fails, the worker's end is posted.
 */
void foyer_run_launch (FoyerRun *self, FoyerWorkerKind kind,
    FoyerMessage *config, const int *fds, guint n_fds);

/**
 * foyer_run_set_sound:
 * @self: a session with a link of sound
 * @sound: what it is: FOYER_SOUND_CAMERA, FOYER_SOUND_LOST or FOYER_SOUND_MUTED
 * @words: (nullable): why; not trusted
 *
 * Tells it, if it is news.
 */
void foyer_run_set_sound (FoyerRun *self, FoyerSound sound, const char *words);

/* Ends its worker, or its beginning, and posts that end. */
void foyer_run_kill (FoyerRun *self, FoyerReason reason);

/* (transfer full) (nullable): kills all of its workers */
void foyer_run_free (FoyerRun *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerRun, foyer_run_free)

/* foyer-run-app.c */

/* Launches the worker of a session to a program. */
void foyer_run_start_for_app (FoyerRun *self);

/* Whom to hand the link's reading end; at once if it is there. */
void foyer_run_set_link_told (FoyerRun *self, FoyerLinkTold told,
    gpointer user_data);

/* There will be none any more: who waits for it is told why. */
void foyer_run_drop_link (FoyerRun *self);

/* foyer-house-apps.c */

/* A session to a program is over, or was refused: unless there is another, the
 * program is no target any more. */
void foyer_house_note_app_over (FoyerHouse *self, FoyerTargetId id);

/* foyer-run-node.c */

/* Launches the worker of a session on a node. */
void foyer_run_start_on_node (FoyerRun *self);

/* Its worker is no more; as foyer_exposure_take_back(). */
gboolean foyer_run_give_back_node (FoyerRun *self, FoyerReason reason);

/* foyer-run-slate.c */

/**
 * foyer_run_draw_slate:
 * @self: a session whose shape is settled
 * @since_us: time of day since when there is no picture; 0 for none yet
 *
 * Has a slate drawn and handed on to its worker, when it is ready.
 */
void foyer_run_draw_slate (FoyerRun *self, gint64 since_us);

/* Nothing more is drawn for it. */
void foyer_run_drop_slate (FoyerRun *self);

/* foyer-openings.c */

/* Opens a camera: launches its worker. */
void foyer_house_open_camera (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation);

/* Ends its worker, if it has that opening. */
void foyer_house_close_camera (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation);

/* (nullable): that one, if it is the camera's opening now */
FoyerOpening *foyer_house_find_opening (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation);

/* (nullable): the worker that has the camera in that opening */
FoyerPeer *foyer_house_find_camera_peer (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation);

/**
 * foyer_house_get_codecs:
 * @self: the house
 * @camera: a camera
 * @generation: and its opening
 * @codecs: (out): what it can make
 *
 * Returns: %FALSE if that is not known yet
 */
gboolean foyer_house_get_codecs (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation, FoyerCodecs *codecs);

/* (transfer full) (nullable): kills its worker */
void foyer_opening_free (FoyerOpening *self);

/* foyer-house-sound.c */

/**
 * foyer_house_join_sound:
 * @self: the house
 * @grant: of the session
 * @run: it; its link of pictures was made
 * @error: return location
 *
 * Makes its link of sound, if it is to hear the camera, and opens the microphone. One
 * that can't be opened, and one that is lost later, is tried again for as long as
 * somebody has a link.
 *
 * Returns: %FALSE if its workers can't be told
 */
gboolean foyer_house_join_sound (FoyerHouse *self, const FoyerLinkGrant *grant,
    FoyerRun *run, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the camera's worker says, if it is of its microphone. */
void foyer_opening_take_sound (FoyerOpening *self, const FoyerMessage *message);

/* foyer-house-registries.c */

/* Begins to hear of cameras and displays. */
void foyer_house_start_registries (FoyerHouse *self, GDBusConnection *bus);

/* Tells that a camera's state changed. */
void foyer_house_tell_camera (FoyerHouse *self, FoyerCameraId id);

/* foyer-house-leftovers.c */

/* Cleans up the display, if an earlier foyerd left something there. */
void foyer_house_clean_leftovers (FoyerHouse *self,
    const FoyerDisplayEntry *display);
void foyer_house_free_leftovers (FoyerHouse *self);

/* foyer-book.c: rows of the log */

/* %FALSE if it could not be written. */
gboolean foyer_book_begin (FoyerHouse *self, const FoyerRun *run);

/* Is written when nothing is waited for, since others may be closing now: a
 * foyerd that dies before says of the session that the service was restarted. */
void foyer_book_end (FoyerHouse *self, const FoyerRun *run, const char *words);

/* Written before the caller is told. */
void foyer_book_refuse (FoyerHouse *self, const FoyerRun *run,
    FoyerReason reason, FoyerRuleId rule, const char *words);
void foyer_book_rule (FoyerHouse *self, guint32 uid, FoyerRuleId rule,
    const char *words);
void foyer_book_event (FoyerHouse *self, guint32 uid, const char *words);

G_END_DECLS
