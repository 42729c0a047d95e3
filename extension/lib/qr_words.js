/**
 * What stands in a QR code: data, filling and Reed-Solomon error correction.  Pure.
 */

const FIELD_POLYNOMIAL = 0x11d;

/** For each version: error correction words of a block, then blocks and data words of each kind. */
const BLOCKS = [
  [10, 1, 16, 0, 0], [16, 1, 28, 0, 0], [26, 1, 44, 0, 0], [18, 2, 32, 0, 0],
  [24, 2, 43, 0, 0], [16, 4, 27, 0, 0], [18, 4, 31, 0, 0], [22, 2, 38, 2, 39],
  [22, 3, 36, 2, 37], [26, 4, 43, 1, 44], [30, 1, 50, 4, 51], [22, 6, 36, 2, 37],
];

/**
 * Return the words of a text in the smallest version that holds it, or null.
 *
 * @param {string} text
 * @returns {{ version: number, words: number[] } | null}
 */
export function codeWords(text) {
  const bytes = new TextEncoder().encode(text);
  const version = BLOCKS.findIndex((_, place) => bytes.length <= capacity(place + 1)) + 1;
  return version ? { version, words: interleaved(version, dataWords(version, bytes)) } : null;
}

/** @param {number} version */
function shapeOf(version) {
  const [ecc = 0, first = 0, firstWords = 0, second = 0, secondWords = 0] =
    BLOCKS[version - 1] ?? [];
  return { ecc, lengths: [...Array(first).fill(firstWords), ...Array(second).fill(secondWords)] };
}

/** @param {number} version */
function wordsOf(version) {
  return shapeOf(version).lengths.reduce((sum, length) => sum + length, 0);
}

/** @param {number} version  Bits of the head: four for the mode, then the length. */
function capacity(version) {
  return wordsOf(version) - (version < 10 ? 2 : 3);
}

/**
 * Return the data words: mode, length, the bytes, and filling.
 *
 * @param {number} version
 * @param {Uint8Array} bytes
 */
function dataWords(version, bytes) {
  const bits = [...bitsOf(4, 4), ...bitsOf(bytes.length, version < 10 ? 8 : 16)];
  for (const byte of bytes) bits.push(...bitsOf(byte, 8));
  const room = wordsOf(version) * 8;
  bits.push(...Array(Math.min(4, room - bits.length)).fill(0));
  while (bits.length % 8) bits.push(0);
  const words = Array.from({ length: bits.length / 8 }, (_, place) =>
    bits.slice(place * 8, place * 8 + 8).reduce((all, bit) => all * 2 + bit, 0),
  );
  for (let fill = 0xec; words.length < room / 8; fill ^= 0xfd) words.push(fill);
  return words;
}

/**
 * Return a number's bits, the highest first.
 *
 * @param {number} value
 * @param {number} length
 */
export function bitsOf(value, length) {
  return Array.from({ length }, (_, place) => (value >> (length - 1 - place)) & 1);
}

/**
 * Split data words into blocks, add each block's error correction, and take turns.
 *
 * @param {number} version
 * @param {number[]} words
 */
function interleaved(version, words) {
  const { ecc, lengths } = shapeOf(version);
  let begin = 0;
  const blocks = lengths.map((length) => words.slice(begin, (begin += length)));
  const corrections = blocks.map((block) => correction(block, ecc));
  return [...inTurns(blocks), ...inTurns(corrections)];
}

/** @param {number[][]} blocks */
function inTurns(blocks) {
  const longest = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => blocks.map((block) => block[place]))
    .flat()
    .filter((word) => word !== undefined);
}

/**
 * Return the Reed-Solomon remainder of a block.
 *
 * @param {number[]} block
 * @param {number} count
 */
function correction(block, count) {
  let generator = [1];
  for (let power = 0, root = 1; power < count; power += 1, root = product(root, 2)) {
    const shifted = [...generator, 0];
    generator = shifted.map((one, place) => one ^ product(generator[place - 1] ?? 0, root));
  }
  const rest = [...block, ...Array(count).fill(0)];
  block.forEach((_, place) => {
    const factor = rest[place] ?? 0;
    generator.forEach((one, step) => (rest[place + step] ^= product(one, factor)));
  });
  return rest.slice(block.length);
}

/**
 * Multiply in the field of 256 elements.
 *
 * @param {number} a
 * @param {number} b
 */
function product(a, b) {
  let [result, factor] = [0, a];
  for (let rest = b; rest; rest >>= 1) {
    if (rest & 1) result ^= factor;
    factor = factor & 0x80 ? (factor << 1) ^ FIELD_POLYNOMIAL : factor << 1;
  }
  return result;
}
