/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The shape of a Cast feedback packet (openscreen
 * cast/streaming/rtcp_common.h). Private to its parser and writer.
 *
 *     |                       'C' 'A' 'S' 'T'                        |
 *     | checkpoint (8) | loss fields (8) |      delay in ms (16)     |
 *     |  frame id (8)  |         packet id (16)     | next ones (8)  | × fields
 *     |                       'C' 'S' 'T' '2'                        |
 *     |   count (8)    |   octets (8)    | ACK bits from checkpoint + 2 …
 *
 * next ones: packet id + 1 is the lowest bit. ACK bits: likewise, octet by
 * octet. What follows the last octet means nothing.
 */

#define FOYER_CAST_FEEDBACK_CAST 0x43415354
#define FOYER_CAST_FEEDBACK_CST2 0x43535432

#define FOYER_CAST_FEEDBACK_SSRC_BYTES       8 /* author and subject */
#define FOYER_CAST_FEEDBACK_CAST_BYTES       8
#define FOYER_CAST_FEEDBACK_LOSS_FIELD_BYTES 4
#define FOYER_CAST_FEEDBACK_CST2_BYTES       6 /* without the octets */
/* checkpoint + 1 is what the display waits for, and never complete. */
#define FOYER_CAST_FEEDBACK_FIRST_ACK  2
#define FOYER_CAST_FEEDBACK_OCTET_BITS 8

/* RFC 3611 §4.4 */
#define FOYER_CAST_XR_REFERENCE_TIME       4
#define FOYER_CAST_XR_REFERENCE_TIME_BYTES 8
#define FOYER_CAST_XR_HEADER_BYTES         4
