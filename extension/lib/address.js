/** Addresses, read without surprises. */

/**
 * Read an absolute address.
 *
 * @param {string} text
 * @returns {URL | null}  Null when it is not one.
 */
export function urlOf(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
