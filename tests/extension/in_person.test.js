/** Codes for sharing in person: made on the device, with or without a connection. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import * as deviceKey from '../../extension/lib/device_key.js';
import * as inPerson from '../../extension/lib/in_person.js';
import { local, session } from '../../extension/lib/storage.js';
import { newBrowser } from './fake_browser.js';
import { newIndexedDb } from './fake_indexed_db.js';

const LINK = '4vKqTn8ZpL';
const reach = globalThis.fetch;
let server;

async function signInAs(name) {
  await local.write({ server: 'https://site.example', refresh: { token: 'r', session: name } });
  const expires_ms = Date.now() + 900_000;
  await session.write({ access: { token: `of-${name}`, expires_ms, session: name } });
}

beforeEach(async () => {
  newBrowser();
  newIndexedDb();
  server = { seen: [], isDown: false, refuses: null };
  globalThis.fetch = async (address, { method, body, headers }) => {
    if (server.isDown) throw new TypeError('Failed to fetch');
    const path = new URL(String(address)).pathname.replace('/api/extension/v1', '');
    server.seen.push({ method, path, body: body && JSON.parse(body), who: headers.Authorization });
    if (server.refuses) return Response.json({ type: '/problems/conflict' }, { status: server.refuses });
    if (path === '/device-keys') return Response.json({ address: 'https://site.example/p/' });
    if (path === '/meetings' && method === 'POST') return Response.json({ spoken: '7KQF-9M2X' });
    return Response.json({ meetings: [] });
  };
  await signInAs('ada');
});
afterEach(() => {
  globalThis.fetch = reach;
});

const tokenOf = ({ address }) => address.replace('https://site.example/p/', '');

describe('a device', () => {
  test('is registered once, by the public half of its key', async () => {
    await inPerson.register();
    await inPerson.register();
    assert.equal(server.seen.length, 1);
    const [{ path, body }] = server.seen;
    assert.equal(path, '/device-keys');
    assert.deepEqual(Object.keys(body).sort(), ['x', 'y']);
  });

  test('keeps its key from everybody', async () => {
    const { pair } = await deviceKey.keyOf('ada');
    assert.equal(pair.privateKey.extractable, false);
    await assert.rejects(crypto.subtle.exportKey('jwk', pair.privateKey));
    await assert.rejects(crypto.subtle.exportKey('pkcs8', pair.privateKey));
  });

  test('has a key for each person', async () => {
    const adas = await deviceKey.keyOf('ada');
    assert.equal((await deviceKey.keyOf('ada')).kid, adas.kid);
    assert.notEqual((await deviceKey.keyOf('bela')).kid, adas.kid);
  });

  test('makes one key for many who ask at a time', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => deviceKey.keyOf('ada')));
    assert.equal(new Set(made.map(({ kid }) => kid)).size, 1);
  });

  test('gets a new key when the old one was ended on the site', async () => {
    const before = await deviceKey.keyOf('ada');
    server.refuses = 409;
    await assert.rejects(inPerson.make(LINK));
    server.refuses = null;
    await inPerson.make(LINK);
    assert.notEqual((await deviceKey.keyOf('ada')).kid, before.kid);
  });

  test('that could not be registered at sign-in is so later', async () => {
    server.isDown = true;
    await inPerson.register();
    await assert.rejects(inPerson.make(LINK), { message: 'offline' });
    server.isDown = false;
    await inPerson.make(LINK);
  });
});

describe('a code', () => {
  test('is made without a connection, and then only shown', async () => {
    await inPerson.register();
    server.isDown = true;
    const made = await inPerson.make(LINK);
    assert.equal(made.spoken, null);
    assert.match(tokenOf(made), /^[\w-]{140}$/);
    assert.ok(made.picture.size > 50 && made.picture.path.startsWith('M4 4h1v1h-1z'));
    assert.ok(Math.abs(made.expires_ms - Date.now() - 900_000) < 2000);
  });

  test('can be said once the server has heard of it', async () => {
    const made = await inPerson.make(LINK);
    assert.equal(made.spoken, '7KQF-9M2X');
    assert.deepEqual(server.seen.at(-1).body, { token: tokenOf(made) });
  });

  test('is another one each time', async () => {
    const made = await Promise.all([inPerson.make(LINK), inPerson.make(LINK)]);
    assert.notEqual(tokenOf(made[0]), tokenOf(made[1]));
  });

  test('needs somebody signed in', async () => {
    await local.forget(['refresh']);
    await assert.rejects(inPerson.make(LINK), { message: 'signed-out' });
  });
});

test('the word about who took a code is sent with its id', async () => {
  await inPerson.decide('m/1', true);
  await inPerson.decide('m2', false);
  assert.deepEqual(server.seen.map(({ path, body }) => [path, body.decision]), [
    ['/meetings/m%2F1/decision', 'confirm'], ['/meetings/m2/decision', 'decline'],
  ]);
  assert.deepEqual(await inPerson.waiting(), { meetings: [] });
});
