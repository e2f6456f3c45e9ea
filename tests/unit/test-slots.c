/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-slots.h"

#include <glib.h>

/* Who has which slot (I5): one side at each moment. */

static void
test_zero_is_none (void)
{
  FoyerSlots slots = { 0 };

  g_assert_cmpuint (foyer_slots_find (&slots), ==, 0);
  g_assert_false (foyer_slots_hand_over (&slots, 0));
  g_assert_false (foyer_slots_give_back (&slots, 0));
  foyer_slots_init (&slots, FOYER_SLOTS_MAX + 1);
  g_assert_cmpuint (slots.n_slots, ==, 0);
  g_assert_false (foyer_slots_hand_over (&slots, 0));
}

static void
test_lowest_first (void)
{
  FoyerSlots slots;

  foyer_slots_init (&slots, 3);
  for (uint32_t i = 0; i < 3; i++) {
    g_assert_cmpuint (foyer_slots_find (&slots), ==, i);
    g_assert_true (foyer_slots_hand_over (&slots, i));
    g_assert_cmpuint (foyer_slots_get_n_read (&slots), ==, i + 1);
  }
  g_assert_cmpuint (foyer_slots_find (&slots), ==, 3);
  g_assert_true (foyer_slots_give_back (&slots, 1));
  g_assert_cmpuint (foyer_slots_find (&slots), ==, 1);
}

/* Every slot in every state of the book, to both sides, twice. */
static void
test_owned_by_one (void)
{
  for (uint32_t n = 0; n <= 6; n++) {
    for (uint32_t owners = 0; owners < 1u << n; owners++) {
      for (uint32_t slot = 0; slot <= FOYER_SLOTS_MAX + 1; slot++) {
        bool is_read = slot < n && (owners >> slot & 1) != 0;
        FoyerSlots slots;

        foyer_slots_init (&slots, n);
        for (uint32_t i = 0; i < n; i++)
          slots.is_read[i] = (owners >> i & 1) != 0;
        g_assert_cmpint (foyer_slots_hand_over (&slots, slot), ==,
            slot < n && !is_read);
        g_assert_false (foyer_slots_hand_over (&slots, slot));
        g_assert_cmpint (foyer_slots_give_back (&slots, slot), ==, slot < n);
        g_assert_false (foyer_slots_give_back (&slots, slot));
        for (uint32_t i = 0; i < n; i++)
          g_assert_cmpint (slots.is_read[i], ==,
              i != slot && (owners >> i & 1) != 0);
      }
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slots/zero-is-none", test_zero_is_none);
  g_test_add_func ("/slots/lowest-first", test_lowest_first);
  g_test_add_func ("/slots/owned-by-one", test_owned_by_one);
  return g_test_run ();
}
