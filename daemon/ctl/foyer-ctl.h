/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"
#include "foyer-ctl-line.h"
#include "foyer-ctl-match.h"
#include "foyer-dbus.h"
#include "foyer-print.h"

G_BEGIN_DECLS

/* One run of foyerctl: its command line, and the service as D-Bus tells of it.
 * It decides nothing. Main thread. Calls block where nothing else is there to
 * be done while they last; cast and monitor have a loop of their own. */

#define FOYER_CTL_BUS_NAME "org.foyer.Foyer1"
#define FOYER_CTL_PATH     "/org/foyer/Foyer1"

/* Interfaces at FOYER_CTL_PATH. */
#define FOYER_CTL_MANAGER "org.foyer.Foyer1.Manager"
#define FOYER_CTL_POLICY  "org.foyer.Foyer1.Policy"
#define FOYER_CTL_HISTORY "org.foyer.Foyer1.History"

/* Somebody may have to type a password first. */
#define FOYER_CTL_CALL_MS (120 * 1000)

/**
 * FoyerCtl:
 * @line: (not owned): the command line
 * @clock: (not owned): the time
 * @connection: (nullable): to the bus, once there is one
 * @house: (nullable): cameras, displays and sessions, once asked for
 * @status: exit status of a verb that did not fail
 */
struct _FoyerCtl
{
  FoyerCtlLine *line;
  const FoyerClock *clock;
  GDBusConnection *connection;
  FoyerDBusObjectManagerClient *house;
  int status;
};

/**
 * foyer_ctl_connect:
 * @self: a run
 * @error: return location
 *
 * Connects to the bus that the line names, or FOYER_BUS_ADDRESS, or that of the
 * system. Sets @connection.
 *
 * Returns: %TRUE if it is connected
 */
gboolean foyer_ctl_connect (FoyerCtl *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether that is where the service of the machine is. */
gboolean foyer_ctl_is_on_system_bus (FoyerCtl *self);

/**
 * foyer_ctl_enter:
 * @self: a run
 * @error: return location
 *
 * Connects, and asks for all there is in the house. Sets @house.
 *
 * Returns: %TRUE if the service is there
 */
gboolean foyer_ctl_enter (FoyerCtl *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_new_manager:
 * @self: a run that is connected
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the manager, its properties read
 */
FoyerDBusManager *foyer_ctl_new_manager (FoyerCtl *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * FoyerCtlCall:
 * @path: object; %NULL for FOYER_CTL_PATH
 * @interface: of the method
 * @method: its name
 * @arguments: (transfer floating) (nullable): what it takes
 * @reply: (nullable): type of what it gives; any if it is %NULL
 * @camera: (nullable): what it is about, for remedies
 * @display: (nullable): likewise
 */
typedef struct
{
  const char *path;
  const char *interface;
  const char *method;
  GVariant *arguments;
  const char *reply;
  const FoyerCtlThing *camera;
  const FoyerCtlThing *display;
} FoyerCtlCall;

/**
 * foyer_ctl_call:
 * @self: a run that is connected
 * @call: what to call
 * @error: return location, in FOYER_CTL_ERROR
 *
 * Whoever asks may be asked to prove who they are.
 *
 * Returns: (transfer full) (nullable): the reply
 */
GVariant *foyer_ctl_call (FoyerCtl *self, const FoyerCtlCall *call,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_list:
 * @self: a run that has entered
 * @interface: the last part of an interface's name: "Camera", "Display" or
 *   "Session"
 *
 * Returns: (transfer full) (element-type GDBusProxy): all there are, by number
 */
GPtrArray *foyer_ctl_list (FoyerCtl *self, const char *interface);

/**
 * foyer_ctl_find_camera:
 * @self: a run that has entered
 * @word: what the user calls it
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the one camera that is meant
 */
FoyerDBusCamera *foyer_ctl_find_camera (FoyerCtl *self, const char *word,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As foyer_ctl_find_camera, of displays. */
FoyerDBusDisplay *foyer_ctl_find_display (FoyerCtl *self, const char *word,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_find_identity:
 * @self: a run that has entered
 * @word: what the user typed
 * @kind: "camera" or "display"
 * @error: return location
 *
 * Returns: (transfer full) (nullable): identity of the one that is meant; @word
 *   itself if there is none now and it is an identity ("usb:…")
 */
char *foyer_ctl_find_identity (FoyerCtl *self, const char *word,
    const char *kind, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_dup_name:
 * @self: a run that has entered
 * @path: (nullable): of a camera or a display
 *
 * Returns: (transfer full): its name; the end of @path if it is gone
 */
char *foyer_ctl_dup_name (FoyerCtl *self, const char *path);

/* As foyer_ctl_dup_name, by identity; (nullable): %NULL if it is gone. */
char *foyer_ctl_dup_name_of (FoyerCtl *self, const char *identity);

/* The camera as a thing, which borrows from it. */
FoyerCtlThing foyer_ctl_get_camera_thing (FoyerDBusCamera *camera);
FoyerCtlThing foyer_ctl_get_display_thing (FoyerDBusDisplay *display);

/* Path of a proxy. */
const char *foyer_ctl_get_path (gpointer proxy);

/* The number at the end of a path (nullable); 0 if there is none. */
guint64 foyer_ctl_get_number (const char *path);

/* (transfer full): the name of a user; the number of one that has none. */
char *foyer_ctl_dup_user (guint32 uid);

/**
 * foyer_ctl_find_user:
 * @word: a name, or the number of a user who need not exist
 * @uid: (out): who it is
 * @error: return location
 *
 * Returns: %TRUE if it is one; otherwise FOYER_CTL_ERROR_NOT_FOUND
 */
gboolean foyer_ctl_find_user (const char *word, guint32 *uid,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* As foyer_ctl_find_user, of a group. */
gboolean foyer_ctl_find_group (const char *word, guint32 *gid,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Now, in microseconds since 1970. */
gint64 foyer_ctl_get_now_us (FoyerCtl *self);

/**
 * foyer_ctl_say:
 * @format: a line, without its end
 *
 * Prints it to standard output, at once.
 */
void foyer_ctl_say (const char *format, ...) G_GNUC_PRINTF (1, 2);

/**
 * foyer_ctl_print_table:
 * @table: (transfer none): what to print
 * @nothing: what to say if it has no row
 *
 * To standard output; for a terminal in colour and cut to its width.
 */
void foyer_ctl_print_table (FoyerTable *table, const char *nothing);

/**
 * foyer_ctl_print_name:
 * @name: of a camera or a display
 *
 * Prints a line for the completion, if the name can be typed.
 */
void foyer_ctl_print_name (const char *name);

/* Lets the connection go. */
void foyer_ctl_clear (FoyerCtl *self);

G_END_DECLS
