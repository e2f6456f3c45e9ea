/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cameras.h"
#include "foyer-clock.h"
#include "foyer-config.h"
#include "foyer-core.h"
#include "foyer-displays.h"
#include "foyer-history.h"
#include "foyer-launcher.h"
#include "foyer-node-host.h"
#include "foyer-state.h"

G_BEGIN_DECLS

/* The house: the one owner of the core. All that happens, to workers, cameras,
 * displays, clocks and by the owner's word, becomes an event here; the core
 * decides; its effects are carried out in order, before the next event. Main
 * thread. */

typedef struct _FoyerHouse FoyerHouse;

/**
 * FoyerHouseParts:
 * @clock: time
 * @launcher: makes workers
 * @state: what outlives us
 * @config: the configuration
 * @history: the log
 * @cameras: registry, not started
 * @displays: registry, not started
 * @nodes: (nullable): where nodes are; %NULL for the kernel's
 * @roots: (nullable): file of trusted roots in PEM, given to workers
 * @run_folder: what is to be cleaned up after a crash
 *
 * What a house stands on: all borrowed, all live longer.
 */
typedef struct
{
  const FoyerClock *clock;
  const FoyerLauncher *launcher;
  FoyerState *state;
  const FoyerConfig *config;
  FoyerHistory *history;
  FoyerCameras *cameras;
  FoyerDisplays *displays;
  const FoyerNodeHost *nodes;
  const char *roots;
  const char *run_folder;
} FoyerHouseParts;

/**
 * FoyerCast:
 * @subject: who asks
 * @camera: for which camera
 * @target: what is to show it: a display, a node or an app
 * @display: and which
 * @transport: how a display gets it; others have none
 * @is_auto: over HTTP if the display can't be streamed to, by another session
 * @longest_s: end after that; 0 for no bound
 * @delay_ms: target delay
 * @max_age_ms: oldest frame that may leave
 * @ticking: whether a clock is drawn, if this opens the camera
 * @is_kept: try again when it ends by itself
 * @has_sound: what the camera's microphone hears, too; of displays alone
 * @shape: what a program gets; of programs alone
 *
 * What is asked for. It never changes.
 */
typedef struct
{
  FoyerSubject subject;
  FoyerCameraId camera;
  FoyerTargetKind target;
  FoyerTargetId display;
  FoyerTransport transport;
  gboolean is_auto;
  guint32 longest_s;
  guint32 delay_ms;
  guint32 max_age_ms;
  FoyerTicking ticking;
  gboolean is_kept;
  gboolean has_sound;
  FoyerShape shape;
} FoyerCast;

/**
 * FoyerSessionView:
 * @id: number
 * @state: where the core has it
 * @cast: what was asked for
 * @camera_name: what the camera was called
 * @display_name: what the display was called
 * @rule: the rule that allowed it
 * @reason: why it ends
 * @since_us: time of the grant, since 1970
 * @ends_us: when it ends at the latest, since 1970; 0 for never
 * @shape: as settled; all 0 before
 * @sound: what the display hears
 * @sound_problem: why nothing is heard, though it was granted; ""
 * @is_stalled: the slate is shown
 * @is_waiting: it is over, and another will follow (keep)
 * @step: what is being done
 * @account: last figures
 *
 * What there is to know of a session; texts are borrowed.
 */
typedef struct
{
  FoyerSessionId id;
  FoyerSessionState state;
  FoyerCast cast;
  const char *camera_name;
  const char *display_name;
  FoyerRuleId rule;
  FoyerReason reason;
  gint64 since_us;
  gint64 ends_us;
  FoyerShape shape;
  FoyerSound sound;
  const char *sound_problem;
  gboolean is_stalled;
  gboolean is_waiting;
  const char *step;
  FoyerAccount account;
} FoyerSessionView;

/**
 * FoyerExpose:
 * @subject: who asks, and may open the node
 * @camera: which camera
 * @name: what rules and people will call the node
 * @width_px: of its pictures; even
 * @height_px: likewise
 * @fps: frames a second that are announced
 *
 * A camera that is to be exposed on a node.
 */
typedef struct
{
  FoyerSubject subject;
  FoyerCameraId camera;
  const char *name;
  guint32 width_px;
  guint32 height_px;
  guint32 fps;
} FoyerExpose;

/**
 * FoyerNodeView:
 * @id: number
 * @name: what rules and people call it
 * @camera: the camera that is exposed
 * @path: of the device; "" while it is missing
 * @label: what the device calls itself
 * @state: "missing", "cleaning", "idle", "open" or "refused"
 * @problem: a sentence, or ""
 * @session: that shows the camera there now; 0 for none
 * @is_read: somebody reads it
 * @uid: who exposed it
 * @width_px: of its pictures
 * @height_px: likewise
 * @fps: frames a second that are announced
 *
 * What there is to know of a node; texts are borrowed.
 */
typedef struct
{
  FoyerTargetId id;
  const char *name;
  FoyerCameraId camera;
  const char *path;
  const char *label;
  const char *state;
  const char *problem;
  FoyerSessionId session;
  gboolean is_read;
  guint32 uid;
  guint32 width_px;
  guint32 height_px;
  guint32 fps;
} FoyerNodeView;

/**
 * FoyerHouseEvents:
 * @session_added: a session was granted
 * @session_changed: something of it changed
 * @session_ended: it is over: its view, and a sentence why
 * @session_removed: nobody waits to try again either
 * @camera_added: one was plugged in
 * @camera_changed: its name, state or generation changed
 * @camera_removed: it was unplugged
 * @display_added: one is known
 * @display_changed: something of it changed
 * @display_removed: it was forgotten
 * @node_added: a camera is exposed
 * @node_changed: something of that changed
 * @node_removed: it no longer is
 * @rules_changed: one was added, removed, or has expired
 * @house_changed: lockdown, rules or problems
 *
 * Whom to tell. None of these may change the house.
 */
typedef struct
{
  void (*session_added) (const FoyerSessionView *view, gpointer user_data);
  void (*session_changed) (const FoyerSessionView *view, gpointer user_data);
  void (*session_ended) (const FoyerSessionView *view, const char *words,
      gpointer user_data);
  void (*session_removed) (FoyerSessionId id, gpointer user_data);
  void (*camera_added) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*camera_changed) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*camera_removed) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*display_added) (const FoyerDisplayEntry *display, gpointer user_data);
  void (
      *display_changed) (const FoyerDisplayEntry *display, gpointer user_data);
  void (
      *display_removed) (const FoyerDisplayEntry *display, gpointer user_data);
  void (*node_added) (const FoyerNodeView *view, gpointer user_data);
  void (*node_changed) (const FoyerNodeView *view, gpointer user_data);
  void (*node_removed) (FoyerTargetId id, gpointer user_data);
  void (*rules_changed) (gpointer user_data);
  void (*house_changed) (gpointer user_data);
} FoyerHouseEvents;

/**
 * foyer_house_new:
 * @parts: what it stands on; the struct is copied
 *
 * Takes rules and lockdown from the state.
 *
 * Returns: (transfer full): a house in which nothing moves yet
 */
FoyerHouse *foyer_house_new (const FoyerHouseParts *parts);

/**
 * foyer_house_start:
 * @self: the house
 * @events: (transfer none): whom to tell
 * @user_data: for them
 * @bus: (nullable): where Avahi is
 *
 * Begins to look for cameras and displays, and cleans up after a foyerd that
 * died.
 */
void foyer_house_start (FoyerHouse *self, const FoyerHouseEvents *events,
    gpointer user_data, GDBusConnection *bus);

/* The house as it is; borrowed until the main loop runs again. */
const FoyerCore *foyer_house_get_core (const FoyerHouse *self);
const FoyerHouseParts *foyer_house_get_parts (const FoyerHouse *self);

/* Now, as rules see it. */
FoyerMoment foyer_house_get_moment (const FoyerHouse *self);

/* Writes what is still to be written into the log. */
void foyer_house_flush_history (FoyerHouse *self);

/* (transfer full) (array zero-terminated=1): what the owner should mend. */
char **foyer_house_dup_problems (FoyerHouse *self);

/**
 * foyer_house_cast:
 * @self: the house
 * @cast: what is asked for
 * @id: (out): the new session
 * @error: return location: of #FOYER_ERROR
 *
 * Asks the rules; if they allow it a session begins.
 *
 * Returns: %FALSE if it was refused: nothing was begun, and the log says so
 */
gboolean foyer_house_cast (FoyerHouse *self, const FoyerCast *cast,
    FoyerSessionId *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What to call when it is silent; never called if the house is freed before. */
typedef void (*FoyerSilent) (gpointer user_data);

/**
 * foyer_house_stop:
 * @self: the house
 * @id: of a session; of one that is over the waiting ends
 * @silent: called once no byte of its camera leaves any more; perhaps before this
 *   returns
 * @user_data: for it
 */
void foyer_house_stop (FoyerHouse *self, FoyerSessionId id, FoyerSilent silent,
    gpointer user_data);

/**
 * FoyerLinkTold:
 * @id: of a session to a program
 * @link: (transfer full): the reading end of its link; -1 if there will be none
 * @error: (nullable): why not
 * @user_data: whatever
 */
typedef void (*FoyerLinkTold) (FoyerSessionId id, int link, const GError *error,
    gpointer user_data);

/**
 * foyer_house_open_for_app:
 * @self: the house
 * @wish: what is asked for, but the target
 * @app: what the program calls itself: a name, see foyer_text_is_name()
 * @id: (out): the new session
 * @told: called once with the link, perhaps before this returns, if it returns
 *   %TRUE
 * @user_data: for it
 * @error: return location: of #FOYER_ERROR
 *
 * As foyer_house_cast(), to the program that asks. Rules for "app:NAME" are asked
 * with whatever the program calls itself: nothing is known of it but its user.
 */
gboolean foyer_house_open_for_app (FoyerHouse *self, const FoyerCast *wish,
    const char *app, FoyerSessionId *id, FoyerLinkTold told, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who asked for a session is gone, and so is the session. */
void foyer_house_leave (FoyerHouse *self, FoyerSessionId id);

/**
 * foyer_house_set_lockdown:
 * @self: the house
 * @is_on: end everything now, and grant nothing
 * @error: return location: %FOYER_ERROR_FAILED if it could not be saved
 *
 * A lockdown begins even if it can't be saved; see foyer_house_when_silent().
 *
 * Returns: %FALSE if it could not be saved
 */
gboolean foyer_house_set_lockdown (FoyerHouse *self, gboolean is_on,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_house_add_rule:
 * @self: the house
 * @uid: whose word it is; for the log
 * @rule: (inout): what is allowed or denied; given its id
 * @silent: called once sessions that it ends are silent, if this returns %TRUE
 * @user_data: for it
 * @error: return location: of #FOYER_ERROR
 *
 * Returns: %TRUE when it is on the disk and in force
 */
gboolean foyer_house_add_rule (FoyerHouse *self, guint32 uid, FoyerRule *rule,
    FoyerSilent silent, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Likewise: takes one away. */
gboolean foyer_house_remove_rule (FoyerHouse *self, guint32 uid, FoyerRuleId id,
    FoyerSilent silent, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_house_pair:
 * @self: the house
 * @id: of a display
 * @key: (array fixed-size=32): SHA-256 of the key to accept
 * @trust: how sure to be
 * @silent: called once sessions under another key are silent, if this returns
 *   %TRUE
 * @user_data: for it
 * @error: return location: of #FOYER_ERROR
 *
 * Returns: %TRUE when it is on the disk and in force
 */
gboolean foyer_house_pair (FoyerHouse *self, FoyerTargetId id,
    const guint8 *key, FoyerTrust trust, FoyerSilent silent, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Likewise: takes back pairing and every rule that names the display. */
gboolean foyer_house_forget (FoyerHouse *self, guint32 uid, FoyerTargetId id,
    FoyerSilent silent, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_house_expose:
 * @self: the house
 * @wish: what is asked for; copied
 * @id: (out): the new node
 * @error: return location: of #FOYER_ERROR
 *
 * Asks the rules, and if they would allow a session now, exposes the camera: it
 * stays so until it is unexposed, also across restarts. A session is asked for
 * each time that somebody reads the node.
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_house_expose (FoyerHouse *self, const FoyerExpose *wish,
    FoyerTargetId *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_house_unexpose:
 * @self: the house
 * @uid: whose word it is; for the log
 * @id: of a node
 * @silent: called once nothing of the camera is in the node, if this returns
 *   %TRUE
 * @user_data: for it
 * @error: return location: %FOYER_ERROR_NOT_FOUND or _FAILED
 */
gboolean foyer_house_unexpose (FoyerHouse *self, guint32 uid, FoyerTargetId id,
    FoyerSilent silent, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (out caller-allocates): %FALSE if there is no node of that id. */
gboolean foyer_house_view_node (FoyerHouse *self, FoyerTargetId id,
    FoyerNodeView *view) G_GNUC_WARN_UNUSED_RESULT;

/* Calls @silent once all sessions that are closing now are silent. */
void foyer_house_when_silent (FoyerHouse *self, FoyerSilent silent,
    gpointer user_data);

/* (out caller-allocates): %FALSE if there is no session of that id. */
gboolean foyer_house_view (FoyerHouse *self, FoyerSessionId id,
    FoyerSessionView *view) G_GNUC_WARN_UNUSED_RESULT;

typedef void (
    *FoyerAccountTold) (const FoyerAccount *account, gpointer user_data);

/**
 * foyer_house_ask_account:
 * @self: the house
 * @id: of a session
 * @told: called with its figures, once, perhaps before this returns
 * @user_data: for it
 *
 * Returns: %FALSE if there is none of that id
 */
gboolean foyer_house_ask_account (FoyerHouse *self, FoyerSessionId id,
    FoyerAccountTold told, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Time went on, or was set. The house does this by itself; a test, which moves a
 * clock of its own, says so. */
void foyer_house_tick (FoyerHouse *self);

/**
 * foyer_house_close:
 * @self: the house
 * @closed: called once all sessions are over and all displays clean, or it took
 *   too long
 * @user_data: for it
 *
 * Ends all sessions and grants nothing any more. Not a lockdown: that would
 * survive.
 */
void foyer_house_close (FoyerHouse *self, FoyerSilent closed,
    gpointer user_data);

/* (transfer full) (nullable): kills all workers */
void foyer_house_free (FoyerHouse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerHouse, foyer_house_free)

G_END_DECLS
