/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyercastsink.h"
#include "foyercastsrc.h"
#include "foyergate.h"
#include "foyerlinksink.h"
#include "foyerlinksrc.h"
#include "foyerloopbacksink.h"
#include "foyermark.h"
#include "foyermarkread.h"
#include "foyersrc.h"
#include "foyertag.h"

#include <gst/gst.h>

/* The plugin: one line per element. Foyer's elements are chosen by name, so
 * each has rank NONE. */

static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean is_registered = TRUE;

  is_registered &= GST_ELEMENT_REGISTER (foyercastsink, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyercastsrc, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyergate, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyerlinksink, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyerlinksrc, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyerloopbacksink, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyermark, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyermarkread, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyersrc, plugin);
  is_registered &= GST_ELEMENT_REGISTER (foyertag, plugin);
  return is_registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, foyer,
    "Casts cameras to displays and marks their pictures", plugin_init,
    FOYER_VERSION, "LGPL", "Foyer", "Unknown package origin")
