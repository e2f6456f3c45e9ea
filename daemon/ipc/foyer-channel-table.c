/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel-table.h"

#define SAID(type)  (1u << FOYER_MESSAGE_##type)
#define FIELD(name) (1u << FOYER_FIELD_##name)

#define CAMERA   FOYER_KIND_CAMERA
#define CAST     FOYER_KIND_CAST
#define CLEANER  FOYER_KIND_CLEANER
#define LOOPBACK FOYER_KIND_LOOPBACK
#define STANDING FOYER_KIND_STANDING
#define SLATE    FOYER_KIND_SLATE
#define APP      FOYER_KIND_APP
#define SHOWING  (CAST | LOOPBACK | APP)
#define ALL      (CAMERA | CLEANER | STANDING | SLATE | SHOWING)

#define CONFIG                                                                \
  (SAID (CAMERA_CONFIG) | SAID (CAST_CONFIG) | SAID (CLEAN_CONFIG) |          \
      SAID (LOOPBACK_CONFIG) | SAID (STANDING_CONFIG) | SAID (SLATE_CONFIG) | \
      SAID (APP_CONFIG))
/* Last words of a worker; those of foyerd are CLOSE. */
#define END  (SAID (CLOSED) | SAID (FAILED) | SAID (CLEANED))
#define STOP SAID (CLOSE)

#define WHOSE (FIELD (SESSION) | FIELD (CAMERA) | FIELD (GENERATION))
#define GRANT (WHOSE | FIELD (GRANTED) | FIELD (ENDS) | FIELD (MAX_AGE))

#define FOYERD FALSE
#define WORKER TRUE
#define ONCE   TRUE
#define OFTEN  FALSE

/* Of the four columns of types, only "after" and "forgets" may name what the
 * other end says, and "forgets" only in a question and its answer: then what was
 * legal when it was said is legal when it arrives. */
/* clang-format off */
static const FoyerChannelRule rules[] = {
  /* type, name, who, once, kinds,
   *   after, never after, forgets, phase, fields, descriptors */
  { FOYER_MESSAGE_CAMERA_CONFIG, "camera-config", FOYERD, ONCE, CAMERA,
    0, 0, 0, FOYER_PHASE_SET,
    FIELD (CAMERA) | FIELD (GENERATION) | FIELD (SOURCE) | FIELD (NUMBER) |
        FIELD (TICKING) | FIELD (SHAPE) | FIELD (TEXT), 0, 1 },
  { FOYER_MESSAGE_CAST_CONFIG, "cast-config", FOYERD, ONCE, CAST,
    0, 0, 0, FOYER_PHASE_SET,
    GRANT | FIELD (DELAY) | FIELD (TRUST) | FIELD (TRANSPORT) |
        FIELD (MEDIA) | FIELD (SHAPE) | FIELD (KEY) | FIELD (TEXT), 4, 4 },
  { FOYER_MESSAGE_CLEAN_CONFIG, "clean-config", FOYERD, ONCE, CAST,
    0, SAID (CAST_CONFIG), 0, FOYER_PHASE_SET,
    FIELD (SESSION) | FIELD (TRUST) | FIELD (KEY) | FIELD (TEXT), 3, 3 },
  { FOYER_MESSAGE_LOOPBACK_CONFIG, "loopback-config", FOYERD, ONCE, LOOPBACK,
    0, 0, 0, FOYER_PHASE_SET, GRANT | FIELD (SHAPE) | FIELD (TEXT), 2, 2 },
  { FOYER_MESSAGE_STANDING_CONFIG, "standing-config", FOYERD, ONCE, LOOPBACK,
    0, SAID (LOOPBACK_CONFIG), 0, FOYER_PHASE_SET,
    FIELD (SHAPE) | FIELD (TEXT), 1, 1 },
  { FOYER_MESSAGE_APP_CONFIG, "app-config", FOYERD, ONCE, APP,
    0, 0, 0, FOYER_PHASE_SET, GRANT | FIELD (SHAPE) | FIELD (TEXT), 2, 2 },
  { FOYER_MESSAGE_SLATE_CONFIG, "slate-config", FOYERD, ONCE, SLATE,
    0, 0, 0, FOYER_PHASE_SET, FIELD (SHAPE) | FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_APPROVE, "approve", FOYERD, ONCE, CAST | CLEANER,
    SAID (IDENTITY), STOP, 0, FOYER_PHASE_RUNNING, FIELD (CODECS), 0, 0 },
  { FOYER_MESSAGE_LINK, "link", FOYERD, OFTEN, CAMERA,
    SAID (OPENED), STOP, 0, FOYER_PHASE_BORN,
    WHOSE | FIELD (GRANTED) | FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_LINK, "link", FOYERD, ONCE, SHOWING,
    SAID (STREAMING), STOP, 0, FOYER_PHASE_BORN,
    WHOSE | FIELD (GRANTED) | FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_SOUND_LINK, "sound-link", FOYERD, OFTEN, CAMERA,
    SAID (LINK), STOP, 0, FOYER_PHASE_BORN,
    WHOSE | FIELD (GRANTED) | FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_SOUND_LINK, "sound-link", FOYERD, ONCE, CAST,
    SAID (LINK), STOP, 0, FOYER_PHASE_BORN,
    WHOSE | FIELD (GRANTED) | FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_UNLINK, "unlink", FOYERD, OFTEN, CAMERA,
    SAID (LINK), STOP, 0, FOYER_PHASE_BORN, FIELD (SESSION), 0, 0 },
  { FOYER_MESSAGE_SLATE, "slate", FOYERD, OFTEN, SHOWING,
    SAID (READY), STOP, 0, FOYER_PHASE_BORN, FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_CLOSE, "close", FOYERD, ONCE, ALL,
    CONFIG, 0, 0, FOYER_PHASE_CLOSING, 0, 0, 0 },
  { FOYER_MESSAGE_ASK_ACCOUNT, "ask-account", FOYERD, ONCE, SHOWING,
    SAID (READY), STOP, 0, FOYER_PHASE_BORN, 0, 0, 0 },
  { FOYER_MESSAGE_READY, "ready", WORKER, ONCE, ALL,
    CONFIG, END, 0, FOYER_PHASE_READY, FIELD (CODECS) | FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_OPENED, "opened", WORKER, ONCE, CAMERA,
    SAID (READY), END, 0, FOYER_PHASE_RUNNING,
    FIELD (CAMERA) | FIELD (GENERATION) | FIELD (SHAPE), 0, 0 },
  { FOYER_MESSAGE_SOUND_LOST, "sound-lost", WORKER, OFTEN, CAMERA,
    SAID (SOUND_LINK), END, 0, FOYER_PHASE_BORN, FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_IDENTITY, "identity", WORKER, ONCE, CAST | CLEANER,
    SAID (READY), END, 0, FOYER_PHASE_BORN,
    FIELD (KEY) | FIELD (PROOF) | FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_LAUNCHED, "launched", WORKER, ONCE, CAST,
    SAID (APPROVE), END, 0, FOYER_PHASE_BORN, FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_STREAMING, "streaming", WORKER, OFTEN, CAST,
    SAID (LAUNCHED), END, 0, FOYER_PHASE_BORN,
    FIELD (SHAPE) | FIELD (NUMBER) | FIELD (SOUND), 0, 0 },
  { FOYER_MESSAGE_STREAMING, "streaming", WORKER, OFTEN, LOOPBACK | APP,
    SAID (READY), END, 0, FOYER_PHASE_RUNNING,
    FIELD (SHAPE) | FIELD (NUMBER) | FIELD (SOUND), 0, 0 },
  { FOYER_MESSAGE_LIVE, "live", WORKER, ONCE, SHOWING,
    SAID (LINK), END, 0, FOYER_PHASE_BORN, 0, 0, 0 },
  { FOYER_MESSAGE_STALLED, "stalled", WORKER, ONCE, SHOWING,
    SAID (LINK), END, 0, FOYER_PHASE_BORN, 0, 0, 0 },
  { FOYER_MESSAGE_RESUMED, "resumed", WORKER, OFTEN, SHOWING,
    SAID (STALLED), END, SAID (STALLED), FOYER_PHASE_BORN, 0, 0, 0 },
  { FOYER_MESSAGE_ACCOUNT, "account", WORKER, OFTEN, SHOWING,
    SAID (ASK_ACCOUNT), END, SAID (ASK_ACCOUNT), FOYER_PHASE_BORN,
    FIELD (ACCOUNT), 0, 0 },
  { FOYER_MESSAGE_DRAWN, "drawn", WORKER, ONCE, SLATE,
    SAID (READY), END, 0, FOYER_PHASE_BORN, FIELD (SHAPE), 1, 1 },
  { FOYER_MESSAGE_CLOSED, "closed", WORKER, ONCE, ALL,
    SAID (CLOSE), END, 0, FOYER_PHASE_CLOSED, FIELD (ACCOUNT), 0, 0 },
  { FOYER_MESSAGE_FAILED, "failed", WORKER, ONCE, ALL,
    CONFIG, END, 0, FOYER_PHASE_CLOSED,
    FIELD (REASON) | FIELD (ACCOUNT) | FIELD (TEXT), 0, 0 },
  { FOYER_MESSAGE_CLEANED, "cleaned", WORKER, ONCE, SHOWING,
    SAID (CLOSED) | SAID (FAILED), 0, 0, FOYER_PHASE_CLOSED, 0, 0, 0 },
  { FOYER_MESSAGE_CLEANED, "cleaned", WORKER, ONCE, CLEANER,
    SAID (APPROVE), END, 0, FOYER_PHASE_CLOSED, 0, 0, 0 },
};
/* clang-format on */

const FoyerChannelRule *
foyer_channel_get_rules (guint *n_rules)
{
  *n_rules = G_N_ELEMENTS (rules);
  return rules;
}

const FoyerChannelRule *
foyer_channel_find_rule (FoyerMessageType type, guint kinds)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++) {
    if (rules[i].type == type && (rules[i].kinds & kinds) != 0)
      return &rules[i];
  }
  return NULL;
}
