// SPDX-License-Identifier: LGPL-2.1-or-later
// Hears the marks in the sound of a video element: plugins/foyer-tone.h says what they
// are. The first half of this file runs where sound is made, the second in the page.
'use strict';

const RATE_HZ = 48000;
const HALF = RATE_HZ * 40 / 1000;
const N_NUMBERS = 16;
const FIRST_HZ = 1000;
const STEP_HZ = 250;
const WINDOW = RATE_HZ / 1000;
const THRESHOLD = 1000 / 32768; // of a sample, on average
const QUIET = 100; // windows between two tones

// How much of a tone is in there: Goertzel's algorithm.
function measureTone(samples, hz)
{
  const factor = 2 * Math.cos(2 * Math.PI * hz / RATE_HZ);
  let last = 0, before = 0;

  for (const sample of samples)
    [last, before] = [sample + factor * last - before, last];
  return last * last + before * before - factor * last * before;
}

// From the middle of a half: where it begins and ends codecs blur it. null where the
// player had a gap: less than half of what is heard is the tone.
function findNumber(half)
{
  const middle = half.slice(HALF / 4, HALF * 3 / 4);
  const powers = Array.from({ length: N_NUMBERS }, (_, i) =>
    measureTone(middle, FIRST_HZ + STEP_HZ * i));

  const energy = middle.reduce((sum, sample) => sum + sample * sample, 0);
  const best = Math.max(...powers);

  return best > energy * middle.length / 4 ? powers.indexOf(best) : null;
}

if (typeof registerProcessor === 'function') {
  registerProcessor('ears', class extends AudioWorkletProcessor {
    constructor()
    {
      super();
      this.nQuiet = 0;
      this.nWindow = 0;
      this.sum = 0;
      this.kept = null; // of a tone under way
    }

    tell(second, camera)
    {
      if (second !== null && camera !== null)
        this.port.postMessage({ frame: this.frame, second, camera });
    }

    take(sample, frame)
    {
      if (this.kept !== null) {
        this.kept.push(sample);
        if (this.kept.length === 2 * HALF) {
          this.tell(findNumber(this.kept.slice(0, HALF)),
                    findNumber(this.kept.slice(HALF)));
          this.kept = null;
        }
        return;
      }
      this.sum += Math.abs(sample);
      if (++this.nWindow < WINDOW)
        return;
      if (this.sum / WINDOW < THRESHOLD)
        this.nQuiet++;
      else if (this.nQuiet >= QUIET) {
        this.frame = frame - WINDOW + 1;
        this.kept = new Array(WINDOW).fill(0);
        this.nQuiet = 0;
      } else
        this.nQuiet = 0;
      this.nWindow = this.sum = 0;
    }

    process([[samples]])
    {
      samples?.forEach((sample, i) => this.take(sample, currentFrame + i));
      return true;
    }
  });
} else {
  globalThis.Ears = class {
    constructor(video, originMs)
    {
      this.originMs = originMs;
      this.tones = [];
      video.muted = false;
      this.context = new AudioContext({ sampleRate: RATE_HZ });
      this.listen(video);
    }

    async listen(video)
    {
      await this.context.audioWorklet.addModule('/ears.js');
      const node = new AudioWorkletNode(this.context, 'ears');

      node.port.onmessage = e => this.hear(e.data);
      this.context.createMediaElementSource(video).connect(node);
      node.connect(this.context.destination);
      await this.context.resume();
    }

    // When the element gave it out, by the clock of what plays it. What comes after
    // that to be heard by a page is late by rings of its own, which the element knows
    // nothing of and does not make its pictures wait for.
    hear({ frame, second, camera })
    {
      const { contextTime, performanceTime } =
        this.context.getOutputTimestamp();
      const aheadS = this.context.baseLatency + this.context.outputLatency;
      const givenMs = performanceTime +
        (frame / RATE_HZ - contextTime - aheadS) * 1000;

      this.tones.push({ second, camera,
                        heard_ns: (givenMs + this.originMs) * 1e6 });
    }

    close() { this.context.close(); }
  };
}
