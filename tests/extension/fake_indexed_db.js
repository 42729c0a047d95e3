/** As much of IndexedDB as keeps one store of keys, in memory. */

class Request extends EventTarget {
  constructor(answer) {
    super();
    queueMicrotask(() => {
      this.result = answer(this);
      this.dispatchEvent(new Event('success'));
    });
  }
}

/** Put an empty IndexedDB in place. */
export function newIndexedDb() {
  const stores = new Map();
  const database = {
    createObjectStore: (name) => stores.set(name, new Map()),
    transaction: () => ({ objectStore: (name) => storeOf(stores.get(name)) }),
    close: () => undefined,
  };
  globalThis.indexedDB = /** @type {any} */ ({
    open: () =>
      new Request((request) => {
        request.result = database;
        if (!stores.size) request.dispatchEvent(new Event('upgradeneeded'));
        return database;
      }),
  });
}

function storeOf(rows) {
  return {
    get: (key) => new Request(() => rows.get(key)),
    put: (value, key) => new Request(() => void rows.set(key, value)),
    delete: (key) => new Request(() => void rows.delete(key)),
  };
}
