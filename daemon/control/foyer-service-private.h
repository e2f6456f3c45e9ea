/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-call.h"
#include "foyer-dbus.h"
#include "foyer-errand.h"
#include "foyer-service.h"

G_BEGIN_DECLS

/* What the files of the service share. */

struct _FoyerService
{
  FoyerHouse *house;
  GDBusConnection *connection;
  GDBusObjectManagerServer *manager;
  FoyerDBusManager *of_house;
  FoyerDBusPolicy *of_policy;
  FoyerDBusHistory *of_history;
  FoyerCalls *calls;
  GPtrArray *probes;   /* of Probe: under way */
  GHashTable *callers; /* guint64 of a session → who asked for it is watched */
};

/* foyer-service-manager.c, -policy.c: methods at the path of the house */
void foyer_service_connect_manager (FoyerService *self);
void foyer_service_connect_policy (FoyerService *self);
void foyer_service_connect_history (FoyerService *self);
void foyer_service_connect_nodes (FoyerService *self);
void foyer_service_connect_apps (FoyerService *self);

/* Its properties, as the house is now. */
void foyer_service_update_manager (FoyerService *self);

/* foyer-service-policy.c: rules changed */
void foyer_service_rules_changed (gpointer service);

/* foyer-service-camera.c, -display.c, -session.c: objects */

/* Whom the house is to tell of them. */
void foyer_service_camera_added (const FoyerCameraEntry *camera,
    gpointer user_data);
void foyer_service_camera_changed (const FoyerCameraEntry *camera,
    gpointer user_data);
void foyer_service_camera_removed (const FoyerCameraEntry *camera,
    gpointer user_data);
void foyer_service_display_added (const FoyerDisplayEntry *display,
    gpointer user_data);
void foyer_service_display_changed (const FoyerDisplayEntry *display,
    gpointer user_data);
void foyer_service_display_removed (const FoyerDisplayEntry *display,
    gpointer user_data);
void foyer_service_node_added (const FoyerNodeView *view, gpointer user_data);
void foyer_service_node_changed (const FoyerNodeView *view, gpointer user_data);
void foyer_service_node_removed (FoyerTargetId id, gpointer user_data);
void foyer_service_session_added (const FoyerSessionView *view,
    gpointer user_data);
void foyer_service_session_changed (const FoyerSessionView *view,
    gpointer user_data);
void foyer_service_session_ended (const FoyerSessionView *view,
    const char *words, gpointer user_data);
void foyer_service_session_removed (FoyerSessionId id, gpointer user_data);

/* foyer-service-app.c: who asked for sessions that last no longer than they do */
void foyer_service_init_callers (FoyerService *self);
void foyer_service_forget_caller (FoyerService *self, FoyerSessionId id);

/* Gives up all probes under way. */
void foyer_service_free_probes (FoyerService *self);

/* foyer-service.c */

/**
 * foyer_service_make_path:
 * @kind: "camera", "display" or "session"
 * @id: number
 *
 * Returns: (transfer full): its object path
 */
char *foyer_service_make_path (const char *kind, guint64 id);

/* The number in a path of that kind; 0 if it is none. */
guint64 foyer_service_parse_path (const char *kind, const char *path);

/* Exports an object with one interface. */
void foyer_service_export (FoyerService *self, const char *kind, guint64 id,
    gpointer skeleton);
void foyer_service_unexport (FoyerService *self, const char *kind, guint64 id);

/* (transfer full) (nullable): the interface of an object */
gpointer foyer_service_get (FoyerService *self, const char *kind, guint64 id,
    const char *name);

/* Number of the object that a skeleton is of. */
guint64 foyer_service_get_number (gpointer skeleton);

/* What FoyerSilent calls: replies with nothing to a call that waited. */
void foyer_service_reply_silent (gpointer call);

G_END_DECLS
