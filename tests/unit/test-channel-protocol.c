/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel-table.h"
#include "foyer-channel.h"

#include <string.h>

/* Who may say what, and when. */

#define MAX_IN_FLIGHT 3

static guint
n_fds_of (FoyerMessageType type)
{
  const FoyerChannelRule *rule = foyer_channel_find_rule (type, 0xff);

  return rule->min_fds;
}

static gboolean
say (FoyerProtocol *protocol, gboolean is_from_worker, FoyerMessageType type)
{
  FoyerMessage message = { .type = type, .source = FOYER_SOURCE_DRAWN };

  return foyer_protocol_take (protocol, is_from_worker, &message,
      n_fds_of (type));
}

/* All that one end may say now, in the order of the types. */
static char *
list_allowed (const FoyerProtocol *protocol, gboolean is_from_worker)
{
  GString *list = g_string_new (NULL);

  for (guint type = 1; type < FOYER_N_MESSAGES; type++) {
    FoyerProtocol copy = *protocol;

    if (say (&copy, is_from_worker, type))
      g_string_append_printf (list, "%s%s", list->len > 0 ? " " : "",
          foyer_message_type_to_string (type));
  }
  return g_string_free (list, FALSE);
}

/* One step of a story: who says what, then all that each may say next. */
typedef struct
{
  gboolean is_from_worker;
  FoyerMessageType type;
  FoyerPhase phase;
  const char *foyerd;
  const char *worker;
} Step;

typedef struct
{
  FoyerWorkerKind kind;
  const Step *steps;
  gsize n_steps;
} Story;

#include "channel-stories.h"

static void
test_story (gconstpointer user_data)
{
  const Story *story = user_data;
  FoyerProtocol protocol;

  foyer_protocol_init (&protocol, story->kind);
  for (gsize i = 0; i < story->n_steps; i++) {
    const Step *step = &story->steps[i];
    g_autofree char *foyerd = NULL;
    g_autofree char *worker = NULL;

    /* The wrong end may not say it. */
    if (step->type != FOYER_MESSAGE_NONE) {
      g_assert_false (say (&protocol, !step->is_from_worker, step->type));
      g_assert_true (say (&protocol, step->is_from_worker, step->type));
    }
    foyerd = list_allowed (&protocol, FALSE);
    worker = list_allowed (&protocol, TRUE);
    g_test_message ("%s", foyer_message_type_to_string (step->type));
    g_assert_cmpstr (foyerd, ==, step->foyerd);
    g_assert_cmpstr (worker, ==, step->worker);
    g_assert_cmpint (protocol.phase, ==, step->phase);
  }
}

/* What is refused changes nothing. */
static void
test_refusal_changes_nothing (void)
{
  FoyerProtocol protocol;
  FoyerProtocol before;

  foyer_protocol_init (&protocol, FOYER_WORKER_CAST);
  g_assert_true (say (&protocol, FALSE, FOYER_MESSAGE_CAST_CONFIG));
  before = protocol;
  for (guint type = 1; type < FOYER_N_MESSAGES; type++) {
    for (guint n_fds = 0; n_fds <= FOYER_CHANNEL_MAX_FDS + 1; n_fds++) {
      FoyerMessage message = { .type = type };

      if (n_fds == n_fds_of (type))
        continue;
      g_assert_false (foyer_protocol_take (&protocol, FALSE, &message, n_fds));
      g_assert_false (foyer_protocol_take (&protocol, TRUE, &message, n_fds));
    }
  }
  g_assert_cmpmem (&protocol, sizeof protocol, &before, sizeof before);
}

static void
test_no_kind (void)
{
  FoyerProtocol protocol;
  g_autofree char *foyerd = NULL;
  g_autofree char *worker = NULL;

  foyer_protocol_init (&protocol, FOYER_WORKER_NONE);
  foyerd = list_allowed (&protocol, FALSE);
  worker = list_allowed (&protocol, TRUE);
  g_assert_cmpstr (foyerd, ==, "");
  g_assert_cmpstr (worker, ==, "");
  protocol.kind = FOYER_WORKER_APP + 1;
  g_assert_false (say (&protocol, FALSE, FOYER_MESSAGE_SLATE_CONFIG));
  g_assert_false (say (&protocol, FALSE, FOYER_N_MESSAGES - 1));
}

static void
say_all (FoyerProtocol *protocol, const FoyerMessageType *types)
{
  for (; *types != FOYER_MESSAGE_NONE; types++)
    g_assert_true (say (protocol,
        foyer_channel_find_rule (*types, 0xff)->is_from_worker, *types));
}

/* A microphone may come along to a camera, and to nobody else. */
static void
test_microphone_fds (void)
{
  static const FoyerMessageType to_camera[] = { FOYER_MESSAGE_CAMERA_CONFIG,
    FOYER_MESSAGE_READY, FOYER_MESSAGE_OPENED, FOYER_MESSAGE_LINK,
    FOYER_MESSAGE_NONE };
  static const FoyerMessageType to_cast[] = { FOYER_MESSAGE_CAST_CONFIG,
    FOYER_MESSAGE_READY, FOYER_MESSAGE_IDENTITY, FOYER_MESSAGE_APPROVE,
    FOYER_MESSAGE_LAUNCHED, FOYER_MESSAGE_STREAMING, FOYER_MESSAGE_LINK,
    FOYER_MESSAGE_NONE };
  const FoyerMessage link = { .type = FOYER_MESSAGE_SOUND_LINK };
  const FoyerMessage microphone = { .type = FOYER_MESSAGE_MICROPHONE };

  for (guint n_fds = 0; n_fds <= 3; n_fds++) {
    FoyerProtocol camera, cast;

    foyer_protocol_init (&camera, FOYER_WORKER_CAMERA);
    say_all (&camera, to_camera);
    g_assert_cmpint (foyer_protocol_take (&camera, FALSE, &link, n_fds), ==,
        n_fds == 1 || n_fds == 2);
    if (n_fds == 1 || n_fds == 2)
      g_assert_cmpint (foyer_protocol_take (&camera, FALSE, &microphone,
                           n_fds - 1),
          ==, TRUE);
    foyer_protocol_init (&cast, FOYER_WORKER_CAST);
    say_all (&cast, to_cast);
    g_assert_cmpint (foyer_protocol_take (&cast, FALSE, &link, n_fds), ==,
        n_fds == 1);
  }
}

/* A device comes with a camera that is one, and only with it. */
static void
test_camera_fds (void)
{
  static const FoyerSource sources[] = { FOYER_SOURCE_DRAWN, FOYER_SOURCE_V4L2,
    FOYER_SOURCE_LIBCAMERA };

  for (guint i = 0; i < G_N_ELEMENTS (sources); i++) {
    for (guint n_fds = 0; n_fds < 3; n_fds++) {
      FoyerMessage message = { .type = FOYER_MESSAGE_CAMERA_CONFIG,
        .source = sources[i] };
      FoyerProtocol protocol;

      foyer_protocol_init (&protocol, FOYER_WORKER_CAMERA);
      g_assert_cmpint (foyer_protocol_take (&protocol, FALSE, &message, n_fds),
          ==, n_fds == MIN (i, 1));
    }
  }
}

/* The columns keep to what makes crossing harmless. */
static void
test_table (void)
{
  guint n_rules;
  const FoyerChannelRule *rules = foyer_channel_get_rules (&n_rules);
  guint64 seen[2] = { 0, 0 };

  for (guint i = 0; i < n_rules; i++)
    seen[rules[i].is_from_worker] |= G_GUINT64_CONSTANT (1) << rules[i].type;
  g_assert_cmpuint (seen[0] & seen[1], ==, 0);
  g_assert_cmpuint (seen[0] | seen[1], ==,
      (G_GUINT64_CONSTANT (1) << FOYER_N_MESSAGES) - 2);
  for (guint i = 0; i < n_rules; i++) {
    const FoyerChannelRule *first = foyer_channel_find_rule (rules[i].type,
        0xff);

    g_assert_cmpuint (rules[i].never_after & seen[!rules[i].is_from_worker], ==,
        0);
    g_assert_cmpuint (rules[i].max_fds, <=, FOYER_CHANNEL_MAX_FDS);
    g_assert_cmpuint (rules[i].min_fds, <=, rules[i].max_fds);
    /* Lines about one type agree in all that the codec reads. */
    g_assert_cmpstr (first->name, ==, rules[i].name);
    g_assert_cmpuint (first->fields, ==, rules[i].fields);
    g_assert_cmpuint (first->min_fds, ==, rules[i].min_fds);
  }
}

/* Two ends and what is under way between them. */
typedef struct
{
  FoyerProtocol ends[2];           /* foyerd's, the worker's */
  guint8 queues[2][MAX_IN_FLIGHT]; /* said by foyerd, by the worker */
  guint8 n_queued[2];
} Channel;

static guint
channel_hash (gconstpointer key)
{
  const guint8 *bytes = key;
  guint hash = 5381;

  for (gsize i = 0; i < sizeof (Channel); i++)
    hash = hash * 33 + bytes[i];
  return hash;
}

static gboolean
channel_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Channel)) == 0;
}

typedef struct
{
  GHashTable *seen; /* of Channel, owned */
  GQueue todo;      /* of Channel in seen */
  guint n_closed;   /* states in which both know that it is over */
} Search;

static void
visit (Search *search, const Channel *channel)
{
  Channel *copy;

  if (g_hash_table_contains (search->seen, channel))
    return;
  copy = g_memdup2 (channel, sizeof *channel);
  g_hash_table_add (search->seen, copy);
  g_queue_push_tail (&search->todo, copy);
}

/* An honest end says whatever its own view allows. */
static void
visit_saying (Search *search, const Channel *channel, guint end)
{
  guint n_queued = channel->n_queued[end];

  if (n_queued == MAX_IN_FLIGHT)
    return;
  for (guint type = 1; type < FOYER_N_MESSAGES; type++) {
    Channel next = *channel;

    if (!say (&next.ends[end], end == 1, type))
      continue;
    next.queues[end][n_queued] = (guint8) type;
    next.n_queued[end]++;
    visit (search, &next);
  }
}

/* What arrives must be legal to whom it arrives at. */
static void
visit_hearing (Search *search, const Channel *channel, guint end)
{
  guint8 from = (guint8) (1 - end);
  Channel next = *channel;

  if (channel->n_queued[from] == 0)
    return;
  if (!say (&next.ends[end], from == 1, channel->queues[from][0]))
    g_error ("%s is out of turn where it arrives",
        foyer_message_type_to_string (channel->queues[from][0]));
  next.n_queued[from]--;
  memmove (next.queues[from], next.queues[from] + 1, MAX_IN_FLIGHT - 1);
  next.queues[from][MAX_IN_FLIGHT - 1] = 0;
  visit (search, &next);
}

static void
assert_agreement (Search *search, const Channel *channel)
{
  if (channel->n_queued[0] + channel->n_queued[1] > 0)
    return;
  g_assert_cmpuint (channel->ends[0].said, ==, channel->ends[1].said);
  g_assert_cmpuint (channel->ends[0].phase, ==, channel->ends[1].phase);
  if (channel->ends[0].phase == FOYER_PHASE_CLOSED)
    search->n_closed++;
}

/* Every interleaving of two honest ends, with up to three messages under way in
 * each direction: nothing that one may say is out of turn where it arrives, and
 * once all has arrived they agree. */
static void
test_crossing (gconstpointer user_data)
{
  FoyerWorkerKind kind = GPOINTER_TO_UINT (user_data);
  Search search = { g_hash_table_new_full (channel_hash, channel_equal, g_free,
                        NULL),
    G_QUEUE_INIT, 0 };
  Channel first;
  const Channel *channel;

  memset (&first, 0, sizeof first);
  first.ends[0].kind = kind;
  first.ends[1].kind = kind;
  visit (&search, &first);
  while ((channel = g_queue_pop_head (&search.todo)) != NULL) {
    assert_agreement (&search, channel);
    for (guint end = 0; end < 2; end++) {
      visit_saying (&search, channel, end);
      visit_hearing (&search, channel, end);
    }
  }
  g_test_message ("%u states", g_hash_table_size (search.seen));
  g_assert_cmpuint (g_hash_table_size (search.seen), >, 50);
  g_assert_cmpuint (search.n_closed, >, 0);
  g_hash_table_unref (search.seen);
}

static void
add_for_kind (const char *name, FoyerWorkerKind kind)
{
  g_autofree char *path = g_strconcat ("/channel-protocol/crossing/", name,
      NULL);

  g_test_add_data_func (path, GUINT_TO_POINTER (kind), test_crossing);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (stories); i++) {
    g_autofree char *path = g_strconcat ("/channel-protocol/story/",
        story_names[i], NULL);

    g_test_add_data_func (path, &stories[i], test_story);
  }
  g_test_add_func ("/channel-protocol/take/refusal-changes-nothing",
      test_refusal_changes_nothing);
  g_test_add_func ("/channel-protocol/take/no-kind", test_no_kind);
  g_test_add_func ("/channel-protocol/take/camera-fds", test_camera_fds);
  g_test_add_func ("/channel-protocol/take/microphone-fds",
      test_microphone_fds);
  g_test_add_func ("/channel-protocol/table", test_table);
  add_for_kind ("camera", FOYER_WORKER_CAMERA);
  add_for_kind ("cast", FOYER_WORKER_CAST);
  add_for_kind ("loopback", FOYER_WORKER_LOOPBACK);
  add_for_kind ("slate", FOYER_WORKER_SLATE);
  add_for_kind ("app", FOYER_WORKER_APP);
  return g_test_run ();
}
