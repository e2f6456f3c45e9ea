/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-names.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_name_constraints_t,
    gnutls_x509_name_constraints_deinit, NULL)

/* Whether the character before @at, a comma, divides: it does not if an odd
 * number of backslashes stands before it. RFC 4514 §2.4 */
static gboolean
is_divider (const char *text, gsize at)
{
  gsize n_slashes = 0;

  while (n_slashes < at && text[at - 1 - n_slashes] == '\\')
    n_slashes++;
  return text[at] == ',' && n_slashes % 2 == 0;
}

/* Both as RFC 4514 has them, the most general part last: @name lies within
 * @tree if it ends in it. */
static gboolean
is_within (const char *name, const char *tree, gsize n_tree)
{
  gsize n_name = strlen (name);

  if (n_tree == 0)
    return TRUE;
  if (n_name < n_tree ||
      g_ascii_strncasecmp (name + n_name - n_tree, tree, n_tree) != 0)
    return FALSE;
  return n_name == n_tree || is_divider (name, n_name - n_tree - 1);
}

/* Within one of the permitted trees, if there are any of this kind. */
static gboolean
is_permitted (gnutls_x509_name_constraints_t constraints, const char *name)
{
  gboolean has_any = FALSE;
  gnutls_datum_t tree; /* belongs to @constraints */
  unsigned int type;

  for (unsigned int i = 0;
       gnutls_x509_name_constraints_get_permitted (constraints, i, &type,
           &tree) >= 0;
       i++) {
    if (type != GNUTLS_SAN_DN)
      continue;
    has_any = TRUE;
    if (is_within (name, (const char *) tree.data, tree.size))
      return TRUE;
  }
  return !has_any;
}

static gboolean
is_allowed (gnutls_x509_name_constraints_t constraints,
    gnutls_x509_crt_t certificate)
{
  gnutls_datum_t name = { NULL, 0 };
  gboolean is_it;

  if (gnutls_x509_crt_get_dn3 (certificate, &name, 0) < 0)
    return FALSE;
  is_it = is_permitted (constraints, (const char *) name.data);
  gnutls_free (name.data);
  return is_it;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_CHAIN,
      what);
  return FALSE;
}

gboolean
foyer_cast_names_check (gnutls_x509_crt_t issuer,
    const gnutls_x509_crt_t *below, guint n_below, GError **error)
{
  g_auto (gnutls_x509_name_constraints_t) constraints = NULL;
  unsigned int is_critical;
  int result = gnutls_x509_name_constraints_init (&constraints);

  if (result >= 0)
    result = gnutls_x509_crt_get_name_constraints (issuer, constraints, 0,
        &is_critical);
  if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
    return TRUE;
  if (result < 0)
    return fail (error, "issuer has name constraints that can't be read");
  for (guint i = 0; i < n_below; i++) {
    if (!is_allowed (constraints, below[i]))
      return fail (error, "issuer may not vouch for that name");
  }
  return TRUE;
}
