/**
 * A code that is shown or said to a friend: how long it lives, and how it is read aloud.  Pure.
 *
 * @typedef {'soon' | 'over' | null} Turn  What has to be said aloud about a code's life by now.
 */

/** When people who do not see the clock are told that a code will run out. */
export const SOON_SECONDS = 120;

/**
 * Return how many seconds a code still lives; a clock that was turned back gives it no more.
 *
 * @param {number} expiresMs
 * @param {number} nowMs
 */
export function secondsLeft(expiresMs, nowMs) {
  return Math.max(0, Math.ceil((expiresMs - nowMs) / 1000));
}

/**
 * Write seconds as on a clock: 14:05.
 *
 * @param {number} seconds
 */
export function clockOf(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * Return what is new since the last look, for saying each thing once.
 *
 * @param {number} before  Seconds left then.
 * @param {number} now
 * @returns {Turn}
 */
export function turnOf(before, now) {
  if (now === 0) return before === 0 ? null : 'over';
  return before > SOON_SECONDS && now <= SOON_SECONDS ? 'soon' : null;
}

/**
 * Return a spoken code in groups for the eye, and character by character for the ear.
 *
 * @param {string} spoken  Such as `7KQF-9M2X`.
 */
export function spelled(spoken) {
  const groups = spoken.split('-');
  return {
    groups,
    aloud: groups.map((group) => [...group].join(', ')).join('; '),
    hasDoubles: /[01]/.test(spoken), // which look like O, I and L
  };
}

/**
 * Return where a friend types a code: the page above the codes' own addresses.
 *
 * @param {string} address  Of a code.
 */
export function typedAt(address) {
  const { host, pathname } = new URL(address);
  return host + pathname.slice(0, pathname.lastIndexOf('/'));
}
