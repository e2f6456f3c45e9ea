/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-names.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_name_constraints_t,
    gnutls_x509_name_constraints_deinit, NULL)

typedef int (*GetConstraint) (gnutls_x509_name_constraints_t constraints,
    unsigned int index, unsigned int *type, gnutls_datum_t *name);

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

static gboolean
is_listed (gnutls_x509_name_constraints_t constraints, GetConstraint get,
    const char *name, gboolean *has_any)
{
  gnutls_datum_t tree;
  unsigned int type;

  *has_any = FALSE;
  /* The names belong to @constraints. */
  for (unsigned int i = 0; get (constraints, i, &type, &tree) >= 0; i++) {
    if (type != GNUTLS_SAN_DN)
      continue;
    *has_any = TRUE;
    if (is_within (name, (const char *) tree.data, tree.size))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_allowed (gnutls_x509_name_constraints_t constraints,
    gnutls_x509_crt_t certificate)
{
  gnutls_datum_t name = { NULL, 0 };
  gboolean has_any;
  gboolean is_permitted, is_excluded;

  if (gnutls_x509_crt_get_dn3 (certificate, &name, 0) < 0)
    return FALSE;
  is_excluded = is_listed (constraints,
      gnutls_x509_name_constraints_get_excluded, (const char *) name.data,
      &has_any);
  is_permitted = is_listed (constraints,
                     gnutls_x509_name_constraints_get_permitted,
                     (const char *) name.data, &has_any) ||
      !has_any;
  gnutls_free (name.data);
  return is_permitted && !is_excluded;
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
