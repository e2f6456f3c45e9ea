/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a peer may make us hold, read or wait for: every limit of the room. */

/* One CastMessage on the wire, without its length word: openscreen
 * cast/common/channel/message_framer.cc. */
#define FOYER_CAST_MAX_MESSAGE_BYTES     65536
#define FOYER_CAST_LENGTH_BYTES          4
#define FOYER_CAST_MAX_ID_BYTES          256 /* source, destination, namespace */
#define FOYER_CAST_MAX_JSON_DEPTH        16
#define FOYER_CAST_MAX_JSON_MEMBERS      2048 /* of all objects and arrays */
#define FOYER_CAST_MAX_APPS              16
#define FOYER_CAST_MAX_STREAMS           8
#define FOYER_CAST_MAX_SIDE_PX           16384 /* of a picture */
#define FOYER_CAST_MAX_CERTIFICATES      8     /* of one chain, leaf included */
#define FOYER_CAST_MAX_CERTIFICATE_BYTES 8192
#define FOYER_CAST_MAX_NONCE_BYTES       64 /* of a challenge; senders send 16 */
/* Messages of no use to us, in a row, before the peer is disconnected. */
#define FOYER_CAST_MAX_BAD_MESSAGES 64
#define FOYER_CAST_MAX_CONNECTIONS  8 /* TLS connections to one display */
#define FOYER_CAST_MAX_ROUTES       8 /* virtual ones over each of them */
/* Messages that a peer has not read yet. */
#define FOYER_CAST_MAX_QUEUE_BYTES (4 * FOYER_CAST_MAX_MESSAGE_BYTES)

/* openscreen cast/streaming/constants.h, rtp_defines.h */
#define FOYER_CAST_MAX_FRAME_SPAN      120 /* ids past the checkpoint */
#define FOYER_CAST_MAX_PACKET_ID       0xfffe
#define FOYER_CAST_MAX_DATAGRAM_BYTES  1472 /* 1500 - IPv4 - UDP */
#define FOYER_CAST_MAX_DATAGRAM6_BYTES 1452 /* 1500 - IPv6 - UDP */
/* A coded picture: no display takes more than 10 Mbit/s for long; a key frame
 * of this size would be seconds of it. */
#define FOYER_CAST_MAX_FRAME_BYTES  (4 * 1024 * 1024)
#define FOYER_CAST_MAX_LOSS_FIELDS  255
#define FOYER_CAST_MIN_DELAY_MS     1
#define FOYER_CAST_MAX_DELAY_MS     5000
#define FOYER_CAST_DEFAULT_DELAY_MS 400
#define FOYER_CAST_MIN_VIDEO_BPS    300000
#define FOYER_CAST_MAX_VIDEO_BPS    10000000

/* How long each step of a session may take; the sum of one failing step and
 * the goodbye stays under ten seconds. */
#define FOYER_CAST_CONNECT_TIMEOUT_MS  5000
#define FOYER_CAST_TLS_TIMEOUT_MS      5000
#define FOYER_CAST_AUTH_TIMEOUT_MS     5000
#define FOYER_CAST_APPROVAL_TIMEOUT_MS 10000 /* of the display, by who casts */
#define FOYER_CAST_LAUNCH_TIMEOUT_MS   8000
#define FOYER_CAST_ANSWER_TIMEOUT_MS   4000 /* openscreen session_messenger.cc */
#define FOYER_CAST_SNAPSHOT_TIMEOUT_MS 1000  /* what runs before LAUNCH */
#define FOYER_CAST_RETRY_PAUSE_MS      1000  /* after LAUNCH was cancelled */
#define FOYER_CAST_LOAD_TIMEOUT_MS     15000 /* of a URL, by a player */
#define FOYER_CAST_STALL_TIMEOUT_MS    4000  /* of a player that plays */
#define FOYER_CAST_POLL_INTERVAL_MS    1000  /* of a player */
#define FOYER_CAST_CONSENT_TIMEOUT_MS  60000 /* the display asks its user */
#define FOYER_CAST_STOP_TIMEOUT_MS     1000
#define FOYER_CAST_CLOSE_TIMEOUT_MS    500  /* TLS goodbye */
#define FOYER_CAST_REQUEST_TIMEOUT_MS  2500 /* then GET_STATUS once */
#define FOYER_CAST_PING_INTERVAL_MS    5000
#define FOYER_CAST_SILENCE_TIMEOUT_MS  9000 /* of the channel */
#define FOYER_CAST_FEEDBACK_TIMEOUT_MS 8000 /* of RTCP while streaming */
/* of RTP at a display; openscreen streaming_session_protocol.md */
#define FOYER_CAST_MEDIA_TIMEOUT_MS 15000
