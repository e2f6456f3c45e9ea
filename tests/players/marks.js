// SPDX-License-Identifier: LGPL-2.1-or-later
// Reads the mark of a picture: plugins/foyer-mark.h says how it is painted. It
// stands where it was painted, so there is nothing to search for.
'use strict';

const COLUMNS = 36;
const ROWS = 4;
const N_BYTES = COLUMNS * ROWS / 8;
const HALVES_X = 80;
const HALVES_Y = 12;
const CELLS_X = 4; // halves to the left of the first cell
const CELLS_Y = 2; // and above it
const VERSION = 1;
const BALANCE = [0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3, 0x13, 0x19,
                 0x8a, 0x2e, 0x03, 0x70, 0x73, 0x44, 0xa4, 0x09];
const HEIGHT_DIVISOR = 5;

function addToCrc(crc, byte)
{
  crc ^= byte;
  for (let i = 0; i < 8; i++)
    crc = (crc >>> 1) ^ ((crc & 1) ? 0xedb88320 : 0);
  return crc >>> 0;
}

function decodeCells(cells)
{
  const bytes = cells.map((byte, i) => byte ^ BALANCE[i]);
  const n = i => bytes.slice(i, i + 4).reduce((sum, b) => sum * 256 + b, 0);
  let crc = addToCrc(0xffffffff, VERSION);

  for (const byte of bytes.slice(0, 14))
    crc = addToCrc(crc, byte);
  if ((~crc >>> 0) !== n(14))
    return null;
  // Nanoseconds since the machine began: exact in a double for 104 days.
  return { camera: bytes[0] * 256 + bytes[1], number: n(2),
           captureNs: n(6) * 4294967296 + n(10) };
}

// The mark in what was drawn: the upper fifth of a picture, as RGBA.
function readMark(image)
{
  const { data, width, height } = image;
  const at = (x, y) => data[(Math.floor(y) * width + Math.floor(x)) * 4 + 1];
  const halfX = width / HALVES_X;
  const halfY = height / HALVES_Y;
  const cells = new Array(N_BYTES).fill(0);
  // Of the frame's left edge and of the quiet zone beside it.
  const limit = (at(3 * halfX, height / 2) + at(halfX, height / 2)) / 2;

  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const bit = row * COLUMNS + column;
      let sum = 0;

      for (const dy of [0.7, 1, 1.3])
        for (const dx of [0.7, 1, 1.3])
          sum += at((CELLS_X + 2 * column + dx) * halfX,
                    (CELLS_Y + 2 * row + dy) * halfY);
      if (sum / 9 > limit)
        cells[bit >> 3] |= 0x80 >> (bit & 7);
    }
  }
  return decodeCells(cells);
}
