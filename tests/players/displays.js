// SPDX-License-Identifier: LGPL-2.1-or-later
// usage: node displays.js FOLDER < CONFIG
//
// Cast displays on the channel of npm's castv2, with the packages in FOLDER, and the
// page that has their players. CONFIG is a line of JSON: a list of {name, folder,
// auth}, folder with device.key, device.pem, tls.key and tls.pem. What a line of
// JSON says later is done: {name, report}: as if a player had told that; {name,
// refuse}: the next LOAD fails.
//
// It tells in lines of JSON what happened: {event, name, …}.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const path = require('path');
const readline = require('readline');

const modules = path.resolve(process.argv[2], 'node_modules');
const { Server } = require(path.join(modules, 'castv2'));
const protobuf = require(path.join(modules, 'protobufjs'));

const NS = 'urn:x-cast:com.google.cast.';
const PLAYER = 'CC1AD845';
const FILES = {
  '/': [path.join(__dirname, 'page.html'), 'text/html'],
  '/page.js': [path.join(__dirname, 'page.js'), 'text/javascript'],
  '/ears.js': [path.join(__dirname, 'ears.js'), 'text/javascript'],
  '/marks.js': [path.join(__dirname, 'marks.js'), 'text/javascript'],
  '/hls.js': [path.join(modules, 'hls.js/dist/hls.min.js'), 'text/javascript'],
  '/shaka.js': [path.join(modules,
    'shaka-player/dist/shaka-player.compiled.js'), 'text/javascript'],
};

// castv2's own schema is older than the nonce.
const Auth = protobuf.parse(`
  syntax = "proto2";
  message Challenge { optional int32 signature_algorithm = 1;
                      optional bytes sender_nonce = 2;
                      optional int32 hash_algorithm = 3; }
  message Response { required bytes signature = 1;
                     required bytes client_auth_certificate = 2;
                     repeated bytes intermediate_certificate = 3;
                     optional int32 signature_algorithm = 4;
                     optional bytes sender_nonce = 5;
                     optional int32 hash_algorithm = 6; }
  message Error { required int32 error_type = 1; }
  message DeviceAuth { optional Challenge challenge = 1;
                       optional Response response = 2;
                       optional Error error = 3; }`).root.lookupType('DeviceAuth');

function tell(event, name, words = {})
{
  process.stdout.write(JSON.stringify({ event, name, ...words }) + '\n');
}

class Display
{
  constructor({ name, folder, auth })
  {
    const read = file => fs.readFileSync(path.join(folder, file));

    this.name = name;
    this.auth = auth;
    this.deviceKey = read('device.key');
    this.device = new crypto.X509Certificate(read('device.pem')).raw;
    this.tls = new crypto.X509Certificate(read('tls.pem')).raw;
    this.report = { state: 'IDLE', position: 0 };
    this.app = null;
    this.load = null; // { requestId, sender, client, state }
    this.listeners = [];
    this.nApps = 0;
    this.nLoads = 0;
    this.server = new Server({ key: read('tls.key'), cert: read('tls.pem') });
    this.server.on('message', (...words) => this.take(...words));
    this.server.server.on('secureConnection', socket => {
      socket.on('error', () => {});
      socket.on('close', () => this.forget(socket));
    });
    this.server.server.on('tlsClientError', () => {});
    this.server.listen(0, '127.0.0.1', () => tell('listening', name,
      { port: this.server.server.address().port }));
  }

  say(client, from, to, space, message)
  {
    if (!(client in this.server.clients))
      return;
    this.server.send(client, from, to, NS + space,
      Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  take(client, from, to, space, data)
  {
    const handlers = { 'tp.deviceauth': 'onChallenge',
                       'tp.connection': 'onConnection',
                       'tp.heartbeat': 'onHeartbeat', 'receiver': 'onReceiver',
                       'media': 'onMedia' };
    const name = space.replace(NS, '');
    const message = Buffer.isBuffer(data) || data instanceof Uint8Array
      ? Buffer.from(data) : JSON.parse(data);

    tell('message', this.name, { from, to, space: name, type: message.type });
    if (name in handlers)
      this[handlers[name]](client, from, to, message);
  }

  // A display leaves its app with the connection that launched it.
  forget(socket)
  {
    if (this.app && this.app.socket === socket)
      this.endApp('closed');
  }

  onChallenge(client, from, to, message)
  {
    const challenge = Auth.decode(message).challenge;
    const nonce = Buffer.from(challenge.senderNonce ?? []);
    const sign = data => crypto.sign('sha256', data, this.deviceKey);
    const answers = {
      signed: { response: { signature: sign(Buffer.concat([nonce, this.tls])),
                            clientAuthCertificate: this.device,
                            signatureAlgorithm: 1, senderNonce: nonce,
                            hashAlgorithm: 1 } },
      // What castv2's own schema has: no nonce, so nothing that is fresh.
      old: { response: { signature: sign(this.tls),
                         clientAuthCertificate: this.device } },
      error: { error: { errorType: 0 } },
    };

    if (this.auth in answers)
      this.say(client, to, from, 'tp.deviceauth',
        Buffer.from(Auth.encode(answers[this.auth]).finish()));
  }

  onConnection() {}

  onHeartbeat(client, from, to, message)
  {
    if (message.type === 'PING')
      this.say(client, to, from, 'tp.heartbeat', { type: 'PONG' });
  }

  getStatus()
  {
    const app = this.app && { appId: PLAYER, displayName: 'Default Media Receiver',
      isIdleScreen: false, namespaces: [{ name: NS + 'media' }],
      sessionId: this.app.id, statusText: '', transportId: this.app.id };

    return { type: 'RECEIVER_STATUS', status: {
      volume: { controlType: 'master', level: 1, muted: false,
                stepInterval: 0.05 },
      ...(app ? { applications: [app] } : {}) } };
  }

  onReceiver(client, from, to, message)
  {
    const requestId = message.requestId;
    const answer = words => this.say(client, 'receiver-0', from, 'receiver',
      { requestId, ...words });

    if (message.type === 'GET_APP_AVAILABILITY')
      answer({ responseType: message.type, availability: Object.fromEntries(
        message.appId.map(id => [id, id === PLAYER ? 'APP_AVAILABLE'
                                                   : 'APP_UNAVAILABLE'])) });
    else if (message.type === 'LAUNCH' && message.appId !== PLAYER)
      answer({ type: 'LAUNCH_ERROR', reason: 'NOT_FOUND' });
    else {
      if (message.type === 'LAUNCH')
        this.app = { id: `player-${++this.nApps}`,
                     socket: this.server.clients[client].socket };
      if (message.type === 'STOP')
        this.endApp('stopped');
      answer(this.getStatus());
    }
  }

  endApp(reason)
  {
    if (!this.app)
      return;
    this.app = null;
    this.load = null;
    this.show('stop', {});
    tell('app-ended', this.name, { reason, atNs: Number(process.hrtime.bigint()) });
  }

  onMedia(client, from, to, message)
  {
    if (message.type === 'LOAD') {
      this.load = { client, to: from, requestId: message.requestId,
                    number: ++this.nLoads, state: 'LOADING' };
      this.report = { state: 'LOADING', position: 0 };
      tell('load', this.name, { media: message.media,
                                atNs: Number(process.hrtime.bigint()) });
      if (this.refuses) {
        this.refuses = false;
        this.takeReport({ state: 'FAILED', position: 0 });
        return;
      }
      this.show('load', message.media);
      this.tellStatus(0);
    } else if (message.type === 'GET_STATUS')
      this.tellStatus(message.requestId);
  }

  tellStatus(requestId)
  {
    if (!this.load || !this.app)
      return;
    const { state, position } = this.report;
    const status = { mediaSessionId: this.load.number, playbackRate: 1,
                     supportedMediaCommands: 12303, currentTime: position,
                     playerState: state };
    if (state === 'LOADING') {
      status.playerState = 'IDLE';
      status.extendedStatus = { playerState: 'LOADING' };
    } else if (state === 'FAILED') {
      status.playerState = 'IDLE';
      status.idleReason = 'ERROR';
    }
    this.say(this.load.client, this.app.id, this.load.to, 'media',
      { type: 'MEDIA_STATUS', requestId, status: [status] });
  }

  // What the page of this display, or the test, says of its player.
  takeReport(report)
  {
    this.report = report;
    if (report.marks?.length || report.failure)
      tell('marks', this.name, report);
    if (!this.load || this.load.state === report.state)
      return;
    this.load.state = report.state;
    if (report.state === 'FAILED')
      this.say(this.load.client, this.app.id, this.load.to, 'media',
        { type: 'LOAD_FAILED', requestId: this.load.requestId,
          detailedErrorCode: 104 });
    this.tellStatus(report.state === 'PLAYING' ? this.load.requestId : 0);
  }

  show(event, media)
  {
    for (const response of this.listeners)
      response.write(`event: ${event}\ndata: ${JSON.stringify(media)}\n\n`);
  }

  listen(response)
  {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    this.listeners.push(response);
    tell('page', this.name);
  }
}

function readBody(request, done)
{
  const parts = [];

  request.on('data', part => parts.push(part));
  request.on('end', () => done(Buffer.concat(parts).toString()));
}

function serve(displays, request, response)
{
  const url = new URL(request.url, 'http://page');
  const [, verb, name] = url.pathname.split('/');
  const display = displays[name];

  if (url.pathname === '/clock')
    response.end(String(process.hrtime.bigint()));
  else if (verb === 'events' && display)
    display.listen(response);
  else if (verb === 'report' && display)
    readBody(request, body => {
      display.takeReport(JSON.parse(body));
      response.end();
    });
  else if (url.pathname in FILES) {
    const [file, type] = FILES[url.pathname];

    response.writeHead(200, { 'Content-Type': type });
    fs.createReadStream(file).pipe(response);
  } else {
    response.writeHead(404);
    response.end();
  }
}

let displays = null;

readline.createInterface({ input: process.stdin })
  .on('line', line => {
    const words = JSON.parse(line);

    if (displays !== null) {
      if (words.refuse)
        displays[words.name].refuses = true;
      else
        displays[words.name].takeReport(words.report);
      return;
    }
    displays = Object.fromEntries(words.map(one => [one.name,
                                                    new Display(one)]));
    const page = http.createServer((request, response) =>
      serve(displays, request, response));

    page.listen(0, '127.0.0.1', () =>
      tell('serving', null, { port: page.address().port }));
  })
  .on('close', () => process.exit(0));
