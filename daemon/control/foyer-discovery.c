/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-discovery.h"

#include "foyer-error.h"
#include "foyer-text.h"

#include <net/if.h>
#include <string.h>

#define AVAHI    "org.freedesktop.Avahi"
#define SERVER   AVAHI ".Server"
#define BROWSER  AVAHI ".ServiceBrowser"
#define RESOLVER AVAHI ".ServiceResolver"
#define SERVICE  "_googlecast._tcp"

/* avahi-common/address.h and defs.h */
#define ANY_INTERFACE  (-1)
#define ANY_PROTOCOL   (-1)
#define SERVER_RUNNING 2

/* One address family each, as Avahi numbers them. */
#define N_FAMILIES 2 /* 0 is IPv4, 1 is IPv6 */

#define MAX_ITEMS      256 /* names × interfaces × protocols */
#define MAX_NAME_BYTES 255
/* Of all displays so many may come from the network, where anybody can announce
 * more than there is room for: the rest is for those added by hand. */
#define MAX_ANNOUNCED (FOYER_DISCOVERY_MAX_DISPLAYS * 3 / 4)
#define CALL_MS       (10 * 1000)

/* What was found under a name in one family; nothing if host is NULL. */
typedef struct
{
  char *resolver; /* object path */
  char *host;
  guint16 port;
  FoyerDisplayTxt txt;
} Answer;

/* A name that is announced, on one interface by one protocol. */
typedef struct
{
  gint32 interface;
  gint32 protocol;
  char *name;
  char *domain;
  Answer answers[N_FAMILIES];
} Item;

struct _FoyerDiscovery
{
  FoyerDiscoveryCallbacks callbacks;
  gpointer user_data;
  GDBusConnection *bus;
  guint watch_id;
  guint signal_ids[3];
  GCancellable *cancellable; /* of the calls to an Avahi that is still there */
  gboolean is_browsing;
  gboolean is_full_told;
  guint n_announced; /* of the displays */
  GPtrArray *items;
  GHashTable *displays; /* identity → FoyerFoundDisplay */
};

static void
found_free (gpointer data)
{
  FoyerFoundDisplay *self = data;

  if (self == NULL)
    return;
  g_free (self->identity);
  g_free (self->name);
  g_free (self->model);
  g_strfreev (self->hosts);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerFoundDisplay, found_free)

static gboolean
found_equal (const FoyerFoundDisplay *a, const FoyerFoundDisplay *b)
{
  return strcmp (a->name, b->name) == 0 && strcmp (a->model, b->model) == 0 &&
      a->kind == b->kind && a->port == b->port &&
      g_strv_equal ((const char *const *) a->hosts,
          (const char *const *) b->hosts);
}

static void
answer_clear (Answer *self)
{
  g_clear_pointer (&self->host, g_free);
  self->port = 0;
  foyer_display_txt_clear (&self->txt);
}

static void
item_free (gpointer data)
{
  Item *self = data;

  for (guint i = 0; i < N_FAMILIES; i++) {
    answer_clear (&self->answers[i]);
    g_free (self->answers[i].resolver);
  }
  g_free (self->name);
  g_free (self->domain);
  g_free (self);
}

static void
tell_problem (FoyerDiscovery *self, const char *words)
{
  self->callbacks.on_problem (words, self->user_data);
}

static void
tell_full (FoyerDiscovery *self)
{
  if (!self->is_full_told)
    tell_problem (self,
        "more displays are announced than there is room for: some are left out");
  self->is_full_told = TRUE;
}

/* displays: what all answers with the same id say together */

static gboolean
has_host (GPtrArray *hosts, const char *host)
{
  for (guint i = 0; i < hosts->len; i++)
    if (strcmp (g_ptr_array_index (hosts, i), host) == 0)
      return TRUE;
  return FALSE;
}

static char **
collect_hosts (FoyerDiscovery *self, const char *id, guint16 port)
{
  GPtrArray *hosts = g_ptr_array_new ();

  for (guint family = 0; family < N_FAMILIES; family++) {
    for (guint i = 0; i < self->items->len; i++) {
      const Item *item = g_ptr_array_index (self->items, i);
      const Answer *answer = &item->answers[family];

      if (answer->host != NULL && strcmp (answer->txt.id, id) == 0 &&
          answer->port == port && !has_host (hosts, answer->host) &&
          hosts->len < FOYER_DISCOVERY_MAX_ADDRESSES)
        g_ptr_array_add (hosts, g_strdup (answer->host));
    }
  }
  g_ptr_array_add (hosts, NULL);
  return (char **) g_ptr_array_free (hosts, FALSE);
}

static const Answer *
find_answer (FoyerDiscovery *self, const char *id)
{
  for (guint i = 0; i < self->items->len; i++) {
    const Item *item = g_ptr_array_index (self->items, i);

    for (guint family = 0; family < N_FAMILIES; family++) {
      const Answer *answer = &item->answers[family];

      if (answer->host != NULL && strcmp (answer->txt.id, id) == 0)
        return answer;
    }
  }
  return NULL;
}

/* (transfer full) (nullable): %NULL if nothing is known of it any more. */
static FoyerFoundDisplay *
make_display (FoyerDiscovery *self, const char *identity, const char *id)
{
  const Answer *answer = find_answer (self, id);
  FoyerFoundDisplay *display;

  if (answer == NULL)
    return NULL;
  display = g_new0 (FoyerFoundDisplay, 1);
  display->identity = g_strdup (identity);
  display->name = g_strdup (answer->txt.name != NULL ? answer->txt.name : id);
  display->model = g_strdup (
      answer->txt.model != NULL ? answer->txt.model : "");
  display->kind = answer->txt.kind;
  display->port = answer->port;
  display->hosts = collect_hosts (self, id, answer->port);
  return display;
}

static void
lose (FoyerDiscovery *self, const char *identity)
{
  g_autofree char *owned = g_strdup (identity);

  if (g_hash_table_remove (self->displays, identity))
    self->callbacks.on_lost (owned, self->user_data);
}

/* Takes @display. */
static void
put_display (FoyerDiscovery *self, FoyerFoundDisplay *display)
{
  g_hash_table_replace (self->displays, display->identity, display);
  self->callbacks.on_found (display, self->user_data);
}

/* Looks again at all that is known of an id, and tells of what has changed. */
static void
update (FoyerDiscovery *self, const char *id)
{
  g_autofree char *identity = g_strconcat ("mdns:", id, NULL);
  g_autoptr (FoyerFoundDisplay) now = make_display (self, identity, id);
  const FoyerFoundDisplay *before = g_hash_table_lookup (self->displays,
      identity);

  if (now == NULL) {
    self->n_announced -= before != NULL;
    lose (self, identity);
    return;
  }
  if (before == NULL &&
      (self->n_announced >= MAX_ANNOUNCED ||
          g_hash_table_size (self->displays) >= FOYER_DISCOVERY_MAX_DISPLAYS)) {
    tell_full (self);
    return;
  }
  if (before != NULL && found_equal (before, now))
    return;
  self->n_announced += before == NULL;
  put_display (self, g_steal_pointer (&now));
}

/* items */

static Item *
find_item (FoyerDiscovery *self, gint32 interface, gint32 protocol,
    const char *name)
{
  for (guint i = 0; i < self->items->len; i++) {
    Item *item = g_ptr_array_index (self->items, i);

    if (item->interface == interface && item->protocol == protocol &&
        strcmp (item->name, name) == 0)
      return item;
  }
  return NULL;
}

/* Sets, or with a %NULL host takes back, what is known under a name. Takes @host
 * and what is in @txt. */
static void
set_answer (FoyerDiscovery *self, Answer *answer, char *host, guint16 port,
    FoyerDisplayTxt *txt)
{
  g_autofree char *old_id = g_strdup (answer->txt.id);
  g_autofree char *new_id = NULL;

  answer_clear (answer);
  if (host != NULL) {
    answer->host = host;
    answer->port = port;
    answer->txt = *txt;
    *txt = (FoyerDisplayTxt){ 0 };
    new_id = g_strdup (answer->txt.id);
  }
  if (old_id != NULL && g_strcmp0 (old_id, new_id) != 0)
    update (self, old_id);
  if (new_id != NULL)
    update (self, new_id);
}

static void
free_resolver (FoyerDiscovery *self, const char *path)
{
  g_dbus_connection_call (self->bus, AVAHI, path, RESOLVER, "Free", NULL, NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS, NULL, NULL, NULL);
}

/* resolving */

/* A question to Avahi on its way; by then the item may be gone. */
typedef struct
{
  FoyerDiscovery *discovery; /* alive unless the call was cancelled */
  gint32 interface;
  gint32 protocol;
  char *name;
  guint family;
} Question;

static void
question_free (Question *self)
{
  g_free (self->name);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
on_resolver_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
          &error);
  g_autofree char *path = NULL;
  FoyerDiscovery *self;
  Item *item;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL) {
    g_debug ("resolving a display: %s", error->message);
    return;
  }
  self = question->discovery;
  g_variant_get (reply, "(o)", &path);
  item = find_item (self, question->interface, question->protocol,
      question->name);
  if (item == NULL || item->answers[question->family].resolver != NULL)
    free_resolver (self, path);
  else
    item->answers[question->family].resolver = g_steal_pointer (&path);
}

static void
resolve (FoyerDiscovery *self, const Item *item, guint family)
{
  Question *question = g_new0 (Question, 1);

  question->discovery = self;
  question->interface = item->interface;
  question->protocol = item->protocol;
  question->name = g_strdup (item->name);
  question->family = family;
  g_dbus_connection_call (self->bus, AVAHI, "/", SERVER, "ServiceResolverNew",
      g_variant_new ("(iisssiu)", item->interface, item->protocol, item->name,
          SERVICE, item->domain, (gint32) family, 0),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS,
      self->cancellable, on_resolver_made, question);
}

/* An address that a display in this network can have; "host%interface" for those
 * that mean nothing without. (transfer full) (nullable) */
static char *
make_host (const char *address, gint32 interface)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  char name[IF_NAMESIZE];

  /* Anybody may announce anything: not this machine itself, nor many. */
  if (parsed == NULL || g_inet_address_get_is_any (parsed) ||
      g_inet_address_get_is_loopback (parsed) ||
      g_inet_address_get_is_multicast (parsed))
    return NULL;
  if (g_inet_address_get_family (parsed) == G_SOCKET_FAMILY_IPV4 ||
      !g_inet_address_get_is_link_local (parsed))
    return g_inet_address_to_string (parsed);
  if (interface <= 0 || if_indextoname ((guint) interface, name) == NULL)
    return NULL;
  return g_strdup_printf ("%s%%%s", address, name);
}

static gboolean
parse_txt (GVariant *txt, FoyerDisplayTxt *out)
{
  gsize n_strings = MIN (g_variant_n_children (txt), 65);
  g_autoptr (GPtrArray) owners = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_variant_unref);
  g_autofree const guint8 **strings = g_new0 (const guint8 *, n_strings + 1);
  g_autofree gsize *lengths = g_new0 (gsize, n_strings + 1);

  for (gsize i = 0; i < n_strings; i++) {
    GVariant *string = g_variant_get_child_value (txt, i);

    g_ptr_array_add (owners, string);
    strings[i] = g_variant_get_fixed_array (string, &lengths[i], 1);
  }
  return foyer_display_txt_parse (strings, lengths, n_strings, out);
}

static void
on_resolved (FoyerDiscovery *self, GVariant *arguments)
{
  g_autoptr (GVariant) strings = NULL;
  g_auto (FoyerDisplayTxt) txt = { 0 };
  g_autofree char *host = NULL;
  gint32 interface;
  gint32 protocol;
  gint32 family;
  const char *name;
  const char *address;
  guint16 port;
  Item *item;

  g_variant_get (arguments, "(ii&s&s&s&si&sq@aayu)", &interface, &protocol,
      &name, NULL, NULL, NULL, &family, &address, &port, &strings, NULL);
  item = find_item (self, interface, protocol, name);
  if (item == NULL || family < 0 || family >= N_FAMILIES)
    return;
  host = make_host (address, interface);
  /* What can't be used takes back what was known before. */
  if (host == NULL || port == 0 || !parse_txt (strings, &txt))
    g_clear_pointer (&host, g_free);
  set_answer (self, &item->answers[family], g_steal_pointer (&host), port,
      &txt);
}

/* Not there (yet), or no longer; Avahi goes on looking. */
static void
on_unresolved (FoyerDiscovery *self, const char *path)
{
  for (guint i = 0; i < self->items->len; i++) {
    Item *item = g_ptr_array_index (self->items, i);

    for (guint family = 0; family < N_FAMILIES; family++) {
      if (g_strcmp0 (item->answers[family].resolver, path) == 0) {
        set_answer (self, &item->answers[family], NULL, 0, NULL);
        return;
      }
    }
  }
}

static void
on_resolver_signal (GDBusConnection *connection, const char *sender,
    const char *path, const char *interface, const char *signal,
    GVariant *arguments, gpointer user_data)
{
  FoyerDiscovery *self = user_data;

  if (strcmp (signal, "Found") == 0 &&
      g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(iissssisqaayu)")))
    on_resolved (self, arguments);
  else if (strcmp (signal, "Failure") == 0)
    on_unresolved (self, path);
}

/* browsing */

static void
add_item (FoyerDiscovery *self, gint32 interface, gint32 protocol,
    const char *name, const char *domain)
{
  Item *item;

  if (find_item (self, interface, protocol, name) != NULL ||
      strlen (name) > MAX_NAME_BYTES)
    return;
  if (self->items->len >= MAX_ITEMS) {
    tell_full (self);
    return;
  }
  item = g_new0 (Item, 1);
  item->interface = interface;
  item->protocol = protocol;
  item->name = g_strdup (name);
  item->domain = g_strdup (domain);
  g_ptr_array_add (self->items, item);
  for (guint family = 0; family < N_FAMILIES; family++)
    resolve (self, item, family);
}

static void
remove_item (FoyerDiscovery *self, gint32 interface, gint32 protocol,
    const char *name)
{
  Item *item = find_item (self, interface, protocol, name);

  if (item == NULL)
    return;
  for (guint family = 0; family < N_FAMILIES; family++) {
    if (item->answers[family].resolver != NULL)
      free_resolver (self, item->answers[family].resolver);
    set_answer (self, &item->answers[family], NULL, 0, NULL);
  }
  g_ptr_array_remove_fast (self->items, item);
}

static void
on_browser_signal (GDBusConnection *connection, const char *sender,
    const char *path, const char *interface_name, const char *signal,
    GVariant *arguments, gpointer user_data)
{
  FoyerDiscovery *self = user_data;
  const char *name;
  const char *type;
  const char *domain;
  gint32 interface;
  gint32 protocol;

  if (strcmp (signal, "Failure") == 0) {
    tell_problem (self, "displays are not looked for: Avahi's search failed");
    return;
  }
  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(iisssu)")))
    return;
  g_variant_get (arguments, "(ii&s&s&su)", &interface, &protocol, &name, &type,
      &domain, NULL);
  if (strcmp (type, SERVICE) != 0)
    return;
  if (strcmp (signal, "ItemNew") == 0)
    add_item (self, interface, protocol, name, domain);
  else if (strcmp (signal, "ItemRemove") == 0)
    remove_item (self, interface, protocol, name);
}

static void
on_browser_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
          &error);
  g_autofree char *safe = NULL;
  g_autofree char *words = NULL;
  FoyerDiscovery *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL) {
    tell_problem (self, NULL);
    return;
  }
  self->is_browsing = FALSE;
  safe = foyer_text_escape (error->message);
  words = g_strdup_printf ("displays are not looked for: %s", safe);
  tell_problem (self, words);
}

static void
browse (FoyerDiscovery *self)
{
  if (self->is_browsing)
    return;
  self->is_browsing = TRUE;
  g_dbus_connection_call (self->bus, AVAHI, "/", SERVER, "ServiceBrowserNew",
      g_variant_new ("(iissu)", ANY_INTERFACE, ANY_PROTOCOL, SERVICE, "", 0),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_MS,
      self->cancellable, on_browser_made, self);
}

/* Avahi refuses to browse while it does not run yet. */
static void
on_server_signal (GDBusConnection *connection, const char *sender,
    const char *path, const char *interface, const char *signal,
    GVariant *arguments, gpointer user_data)
{
  gint32 state;

  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(is)")))
    return;
  g_variant_get (arguments, "(is)", &state, NULL);
  if (state == SERVER_RUNNING)
    browse (user_data);
}

/* Avahi comes and goes */

static void
forget_all (FoyerDiscovery *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->is_browsing = FALSE;
  while (self->items->len > 0) {
    Item *item = g_ptr_array_index (self->items, self->items->len - 1);

    for (guint family = 0; family < N_FAMILIES; family++)
      set_answer (self, &item->answers[family], NULL, 0, NULL);
    g_ptr_array_remove_index (self->items, self->items->len - 1);
  }
}

static void
on_avahi_appeared (GDBusConnection *connection, const char *name,
    const char *owner, gpointer user_data)
{
  FoyerDiscovery *self = user_data;

  /* Another one may have taken the name at once. */
  forget_all (self);
  browse (self);
}

static void
on_avahi_vanished (GDBusConnection *connection, const char *name,
    gpointer user_data)
{
  FoyerDiscovery *self = user_data;

  forget_all (self);
  tell_problem (self,
      "displays are not looked for, since Avahi does not run: run systemctl start avahi-daemon, or add displays by hand");
}

static guint
subscribe (FoyerDiscovery *self, const char *interface, const char *signal,
    GDBusSignalCallback callback)
{
  return g_dbus_connection_signal_subscribe (self->bus, AVAHI, interface,
      signal, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, callback, self, NULL);
}

FoyerDiscovery *
foyer_discovery_new (const FoyerDiscoveryCallbacks *callbacks,
    gpointer user_data)
{
  FoyerDiscovery *self = g_new0 (FoyerDiscovery, 1);

  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->displays = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      found_free);
  return self;
}

void
foyer_discovery_start (FoyerDiscovery *self, GDBusConnection *bus)
{
  g_return_if_fail (self->bus == NULL);
  self->bus = g_object_ref (bus);
  /* By what a signal says rather than from which object it comes: it may be
   * here before the reply that names the object. */
  self->signal_ids[0] = subscribe (self, BROWSER, NULL, on_browser_signal);
  self->signal_ids[1] = subscribe (self, RESOLVER, NULL, on_resolver_signal);
  self->signal_ids[2] = subscribe (self, SERVER, "StateChanged",
      on_server_signal);
  self->watch_id = g_bus_watch_name_on_connection (bus, AVAHI,
      G_BUS_NAME_WATCHER_FLAGS_AUTO_START, on_avahi_appeared, on_avahi_vanished,
      self, NULL);
}

/* by hand */

gboolean
foyer_discovery_add (FoyerDiscovery *self, const char *name, const char *host,
    guint16 port)
{
  g_autofree char *identity = g_strconcat ("static:", name, NULL);
  FoyerFoundDisplay *display;

  if (g_hash_table_lookup (self->displays, identity) == NULL &&
      g_hash_table_size (self->displays) >= FOYER_DISCOVERY_MAX_DISPLAYS)
    return FALSE;
  display = g_new0 (FoyerFoundDisplay, 1);
  display->identity = g_steal_pointer (&identity);
  display->name = g_strdup (name);
  display->model = g_strdup ("");
  display->kind = FOYER_DISPLAY_VIDEO;
  display->hosts = g_strdupv ((char *[]){ (char *) host, NULL });
  display->port = port;
  put_display (self, display);
  return TRUE;
}

void
foyer_discovery_remove (FoyerDiscovery *self, const char *name)
{
  g_autofree char *identity = g_strconcat ("static:", name, NULL);

  lose (self, identity);
}

const FoyerFoundDisplay *
foyer_discovery_find (FoyerDiscovery *self, const char *identity)
{
  return g_hash_table_lookup (self->displays, identity);
}

void
foyer_discovery_free (FoyerDiscovery *self)
{
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  for (guint i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    if (self->signal_ids[i] != 0)
      g_dbus_connection_signal_unsubscribe (self->bus, self->signal_ids[i]);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->items);
  g_hash_table_unref (self->displays);
  g_clear_object (&self->bus);
  g_free (self);
}
