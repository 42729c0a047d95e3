/**
 * QR codes (ISO/IEC 18004), drawn on the device, because sharing in person must work without a
 * connection.  Pure.  Bytes only, error correction M, versions 1 to 12: up to 287 bytes.
 *
 * A symbol is a square of modules; `true` is dark.
 *
 * @typedef {boolean[][]} Symbol
 */

import { bitsOf, codeWords } from './qr_words.js';

/** Where alignment patterns are centred, for each version. */
const ALIGNED = [
  [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46],
  [6, 28, 50], [6, 30, 54], [6, 32, 58],
];

/** The eight masks: whether the module in a row and a column is turned over. */
const MASKS = [
  (/** @type {number} */ r, /** @type {number} */ c) => (r + c) % 2 === 0,
  (/** @type {number} */ r) => r % 2 === 0,
  (/** @type {number} */ _r, /** @type {number} */ c) => c % 3 === 0,
  (/** @type {number} */ r, /** @type {number} */ c) => (r + c) % 3 === 0,
  (/** @type {number} */ r, /** @type {number} */ c) =>
    (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (/** @type {number} */ r, /** @type {number} */ c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (/** @type {number} */ r, /** @type {number} */ c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (/** @type {number} */ r, /** @type {number} */ c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** Turns over the fifteen bits of the format, so that they are never all light. */
const FORMAT_MASK = 0x5412;
const FORMAT_GENERATOR = 0x537;
const VERSION_GENERATOR = 0x1f25;

/**
 * Return the symbol of a text, or null when it is too long.
 *
 * @param {string} text
 * @param {number} [mask]  Which of the eight; without it, the one that reads best.
 * @returns {Symbol | null}
 */
export function qrSymbol(text, mask) {
  const coded = codeWords(text);
  if (!coded) return null;
  const { version, words } = coded;
  if (mask !== undefined) return drawn(version, words, mask);
  const all = MASKS.map((_, which) => drawn(version, words, which));
  return all.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

/**
 * Return a symbol as one SVG path in a square of `size`, with the quiet zone around it.
 *
 * @param {Symbol} symbol
 * @returns {{ size: number, path: string }}
 */
export function pathOf(symbol) {
  const path = symbol
    .flatMap((row, r) => row.map((isDark, c) => (isDark ? `M${c + 4} ${r + 4}h1v1h-1z` : '')))
    .join('');
  return { size: symbol.length + 8, path };
}

/**
 * Draw a symbol with one mask.
 *
 * @param {number} version
 * @param {number[]} words
 * @param {number} mask
 * @returns {Symbol}
 */
function drawn(version, words, mask) {
  const fixed = fixedPatterns(version);
  writeFormat(fixed, mask);
  if (version >= 7) writeVersion(fixed, version);
  return filled(fixed, words, MASKS[mask] ?? (() => false));
}

/**
 * @param {number} version
 * @returns {(boolean | null)[][]}  Null where data goes.
 */
function fixedPatterns(version) {
  const size = 17 + 4 * version;
  /** @type {(boolean | null)[][]} */
  const modules = Array.from({ length: size }, () => Array(size).fill(null));
  const put = (/** @type {number} */ r, /** @type {number} */ c, /** @type {boolean} */ isDark) => {
    const row = modules[r];
    if (row && c >= 0 && c < size) row[c] = isDark;
  };
  const square = (/** @type {number} */ row, /** @type {number} */ column, /** @type {number} */ reach) => {
    for (let r = -reach; r <= reach; r += 1) {
      for (let c = -reach; c <= reach; c += 1) {
        const ring = Math.max(Math.abs(r), Math.abs(c));
        put(row + r, column + c, reach === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
      }
    }
  };
  for (let place = 0; place < size; place += 1) {
    put(6, place, place % 2 === 0);
    put(place, 6, place % 2 === 0);
  }
  const centres = ALIGNED[version - 1] ?? [];
  for (const row of centres) {
    for (const column of centres) {
      const inCorner = [row, column].filter((at) => at === 6).length;
      const atEnd = [row, column].filter((at) => at === size - 7).length;
      if (!(inCorner === 2 || (inCorner === 1 && atEnd === 1))) square(row, column, 2);
    }
  }
  square(3, 3, 4);
  square(3, size - 4, 4);
  square(size - 4, 3, 4);
  return modules;
}

/**
 * Write which error correction (M) and which mask, twice.
 *
 * @param {(boolean | null)[][]} modules
 * @param {number} mask
 */
function writeFormat(modules, mask) {
  const size = modules.length;
  const bits = withRest(mask, 10, FORMAT_GENERATOR) ^ FORMAT_MASK; // M is 00
  for (let place = 0; place < 15; place += 1) {
    const isDark = ((bits >> place) & 1) === 1;
    const beside = place < 6 ? place : place < 8 ? place + 1 : size - 15 + place;
    const above = place < 8 ? size - 1 - place : place < 9 ? 7 : 14 - place;
    set(modules, beside, 8, isDark);
    set(modules, 8, above, isDark);
  }
  set(modules, size - 8, 8, true);
}

/**
 * @param {(boolean | null)[][]} modules
 * @param {number} version
 */
function writeVersion(modules, version) {
  const bits = withRest(version, 12, VERSION_GENERATOR);
  for (let place = 0; place < 18; place += 1) {
    const isDark = ((bits >> place) & 1) === 1;
    const [near, far] = [Math.floor(place / 3), modules.length - 11 + (place % 3)];
    set(modules, near, far, isDark);
    set(modules, far, near, isDark);
  }
}

/**
 * Return a value with the remainder of its polynomial behind it.
 *
 * @param {number} value
 * @param {number} length
 * @param {number} generator
 */
function withRest(value, length, generator) {
  let rest = value;
  for (let step = 0; step < length; step += 1) {
    rest = (rest << 1) ^ ((rest >> (length - 1)) * generator);
  }
  return (value << length) | rest;
}

/**
 * Put the words into what is left, in columns of two from the right, up and down by turns.
 *
 * @param {(boolean | null)[][]} fixed
 * @param {number[]} words
 * @param {(row: number, column: number) => boolean} isTurned
 * @returns {Symbol}
 */
function filled(fixed, words, isTurned) {
  const size = fixed.length;
  const bits = words.flatMap((word) => bitsOf(word, 8));
  let next = 0;
  const modules = fixed.map((row) => [...row]);
  for (let right = size - 1, isUp = true; right >= 1; right -= 2, isUp = !isUp) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const row = isUp ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (fixed[row]?.[column] !== null) continue;
        set(modules, row, column, (bits[next] === 1) !== isTurned(row, column));
        next += 1;
      }
    }
  }
  return modules.map((row) => row.map(Boolean));
}

/**
 * @param {(boolean | null)[][]} modules
 * @param {number} row
 * @param {number} column
 * @param {boolean} isDark
 */
function set(modules, row, column, isDark) {
  const line = modules[row];
  if (line) line[column] = isDark;
}

/**
 * Say how badly a symbol reads: long runs, squares, what looks like a finder, and imbalance.
 *
 * @param {Symbol} symbol
 */
function penalty(symbol) {
  const columns = symbol.map((_, c) => symbol.map((row) => row[c] === true));
  const lines = [...symbol, ...columns].map((line) => line.map(Number).join(''));
  let points = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  symbol.slice(1).forEach((row, r) =>
    row.slice(1).forEach((isDark, c) => {
      const before = symbol[r];
      if (before?.[c] === isDark && before[c + 1] === isDark && row[c] === isDark) points += 3;
    }),
  );
  const dark = symbol.flat().filter(Boolean).length / symbol.length ** 2;
  return points + 10 * Math.floor(Math.abs(dark * 100 - 50) / 5);
}
