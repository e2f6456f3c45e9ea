/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-auth.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* One method call from the bus, on its way: who is it, may they, do it, reply. A
 * caller has a bounded number under way, and while there are many in all, one: so
 * a crowd keeps nobody out. What is beyond is refused at once. Main thread. */

#define FOYER_CALLS_OF_CALLER 32
#define FOYER_CALLS_OF_ALL    1024

/* Counts what is under way. */
typedef struct _FoyerCalls FoyerCalls;

/**
 * foyer_calls_new:
 * @auth: (transfer none): who may what
 *
 * Returns: (transfer full): with none under way
 */
FoyerCalls *foyer_calls_new (FoyerAuth *auth);

/* (transfer full) (nullable): calls still under way are refused */
void foyer_calls_free (FoyerCalls *self);

typedef struct _FoyerCall FoyerCall;
typedef void (*FoyerCallFunc) (FoyerCall *call);

/**
 * FoyerCall:
 * @invocation: the call
 * @parameters: its arguments
 * @user_data: whose method it is
 * @object: number of the object that it was called on; 0 for the house
 * @subject: who calls
 * @is_allowed: the last action asked for is allowed
 * @extra: for whoever carries it out
 */
struct _FoyerCall
{
  GDBusMethodInvocation *invocation;
  GVariant *parameters;
  gpointer user_data;
  guint64 object;
  FoyerSubject subject;
  gboolean is_allowed;
  guint64 extra;
  /*< private >*/
  FoyerCalls *calls;
  FoyerCallFunc go;
  gboolean is_required;
  GCancellable *cancellable;
};

/**
 * foyer_call_begin:
 * @calls: calls under way
 * @invocation: (transfer full): the call
 * @object: number of the object
 * @go: called when it is known who calls; ends the call
 * @user_data: for it
 */
void foyer_call_begin (FoyerCalls *calls, GDBusMethodInvocation *invocation,
    guint64 object, FoyerCallFunc go, gpointer user_data);

/**
 * foyer_call_begin_for_anybody:
 * @calls: calls under way
 * @invocation: (transfer full): the call
 * @go: called at once; ends the call
 * @user_data: for it
 *
 * Of what everybody may do: nothing is asked of the bus or of polkit, so it is
 * also done for a caller who has left meanwhile. @subject is nobody.
 */
void foyer_call_begin_for_anybody (FoyerCalls *calls,
    GDBusMethodInvocation *invocation, FoyerCallFunc go, gpointer user_data);

/**
 * foyer_call_authorize:
 * @self: a call
 * @action: what it takes
 * @is_required: refuse if it is not allowed; else go on, and never ask a person
 * @go: called when it is known
 */
void foyer_call_authorize (FoyerCall *self, const char *action,
    gboolean is_required, FoyerCallFunc go);

/* (transfer full): ends the call; @value is floating, %NULL for nothing */
void foyer_call_reply (FoyerCall *self, GVariant *value);

/* The same with descriptors, which stay the caller's. */
void foyer_call_reply_with_fds (FoyerCall *self, GVariant *value,
    GUnixFDList *fds);

/* (transfer full): ends the call; takes the error */
void foyer_call_fail (FoyerCall *self, GError *error);

/* The same, of words alone. */
void foyer_call_refuse (FoyerCall *self, int code, const char *words);

G_END_DECLS
