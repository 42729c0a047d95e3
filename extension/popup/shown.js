/**
 * The events that a view of this popup shows by itself, so that the list of what waits leaves
 * them out.
 */

/** @type {Set<string>} */
const ids = new Set();

/** Make the id of an event that a view here will show. */
export function newId() {
  const id = crypto.randomUUID();
  ids.add(id);
  return id;
}

/**
 * Leave an event to the list.
 *
 * @param {string} id
 */
export function forget(id) {
  ids.delete(id);
}

/** @param {string} id */
export function has(id) {
  return ids.has(id);
}
