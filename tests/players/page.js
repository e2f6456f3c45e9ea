// SPDX-License-Identifier: LGPL-2.1-or-later
// Players as a Default Media Receiver has them, one for each display that the
// address names (?Kitchen=hls&Hall=shaka). Each loads what its display was told to,
// and tells where it is and what it showed: marks, read from a canvas. With "hls,sound"
// also what was heard.
'use strict';

const WIDTH_PX = 640;
const HEIGHT_PX = 72; // a fifth of the picture
const REPORT_MS = 250;

// CLOCK_MONOTONIC at performance.now() 0, as the one who serves this page says.
async function findOrigin()
{
  let best = null;

  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    const ns = Number(await (await fetch('/clock')).text());
    const after = performance.now();

    if (best === null || after - before < best.width)
      best = { width: after - before,
               originMs: ns / 1e6 - (before + after) / 2 };
  }
  return best.originMs;
}

class HlsPlayer
{
  constructor(video) { this.video = video; }

  async load(media, fail)
  {
    this.hls = new Hls();
    this.hls.on(Hls.Events.ERROR, (_, error) => {
      if (error.fatal)
        fail(error.details);
    });
    this.hls.loadSource(media.contentUrl);
    this.hls.attachMedia(this.video);
  }

  async unload() { this.hls?.destroy(); }
}

class ShakaPlayer
{
  constructor(video) { this.video = video; }

  async load(media, fail)
  {
    this.player = new shaka.Player();
    this.player.addEventListener('error', event => {
      if (event.detail.severity === shaka.util.Error.Severity.CRITICAL)
        fail(`shaka ${event.detail.code}`);
    });
    await this.player.attach(this.video);
    try {
      await this.player.load(media.contentUrl, null, media.contentType);
    } catch (error) {
      fail(`shaka ${error.code}`);
    }
  }

  async unload() { await this.player?.destroy(); }
}

// What a video element plays by itself: one file without an end.
class FilePlayer
{
  constructor(video) { this.video = video; }

  async load(media, fail)
  {
    // Else its picture could be seen and not read.
    this.video.crossOrigin = 'anonymous';
    this.video.onerror = () => fail(this.video.error?.message);
    this.video.src = media.contentUrl;
  }

  async unload()
  {
    this.video.onerror = null;
    this.video.removeAttribute('src');
    this.video.load();
  }
}

const KINDS = { hls: HlsPlayer, shaka: ShakaPlayer };

class Screen
{
  constructor(name, kind, originMs)
  {
    this.name = name;
    [this.kind, this.hears] = kind.split(',');
    this.originMs = originMs;
    this.marks = [];
    this.problems = [];
    this.nPictures = 0;
    this.told = Promise.resolve();
    this.canvas = new OffscreenCanvas(WIDTH_PX, HEIGHT_PX);
    this.context = this.canvas.getContext('2d', { willReadFrequently: true });
    const events = new EventSource(`/events/${name}`);
    events.addEventListener('load', e => this.load(JSON.parse(e.data)));
    events.addEventListener('stop', () => this.stop());
    setInterval(() => this.report(), REPORT_MS);
  }

  async stop()
  {
    const player = this.player;

    this.player = null;
    this.ears?.close();
    this.ears = null;
    this.video?.remove();
    this.video = null;
    await player?.unload();
  }

  async load(media)
  {
    await this.stop();
    this.begunMs = performance.now();
    this.firstMs = null;
    this.failure = null;
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.width = WIDTH_PX / 2;
    document.body.append(this.video);
    const Kind = media.contentType === 'video/mp4' ? FilePlayer
                                                   : KINDS[this.kind];
    const video = this.video;
    const look = (_, frame) => {
      if (this.video !== video)
        return;
      this.look(frame.expectedDisplayTime);
      video.requestVideoFrameCallback(look);
    };

    this.player = new Kind(video);
    if (this.hears)
      this.ears = new Ears(video, this.originMs);
    video.requestVideoFrameCallback(look);
    await this.player.load(media, words => { this.failure = String(words); });
    video.play().catch(() => {});
  }

  // A picture is on the screen.
  look(dueMs)
  {
    const { videoWidth, videoHeight } = this.video;
    const shownMs = performance.now();

    this.nPictures++;
    if (this.firstMs === null) {
      this.firstMs = shownMs;
      this.report();
    }
    this.context.drawImage(this.video, 0, 0, videoWidth, videoHeight / 5, 0, 0,
                           WIDTH_PX, HEIGHT_PX);
    const mark = readMark(this.context.getImageData(0, 0, WIDTH_PX, HEIGHT_PX));
    if (mark !== null)
      this.marks.push({ ...mark, shownNs: (shownMs + this.originMs) * 1e6,
                        dueNs: (dueMs + this.originMs) * 1e6 });
  }

  getState()
  {
    if (this.video === null || this.video === undefined)
      return 'IDLE';
    if (this.failure !== null)
      return 'FAILED';
    if (this.firstMs === null)
      return 'LOADING';
    if (this.video.paused)
      return 'PAUSED';
    return this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA
        ? 'BUFFERING' : 'PLAYING';
  }

  report()
  {
    const body = JSON.stringify({
      state: this.getState(), position: this.video?.currentTime ?? 0,
      failure: this.failure ?? null, pictures: this.nPictures,
      marks: this.marks.splice(0), tones: this.ears?.tones.splice(0) ?? [],
      // Of the player alone: from LOAD to its first picture.
      startMs: this.firstMs ? this.firstMs - this.begunMs : null });

    // One after the other: what is sent at once may come in any order.
    this.told = this.told
      .then(() => fetch(`/report/${this.name}`, { method: 'POST', body }))
      .catch(() => {});
  }
}

findOrigin().then(originMs => {
  for (const [name, kind] of new URLSearchParams(location.search))
    new Screen(name, kind, originMs);
});
