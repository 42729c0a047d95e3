/** The text that goes with a link, and the addresses of the networks' dialogs. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  dialogAddress, lengthOf, withDisclosure, withoutLink,
} from '../../extension/lib/texts.js';

const LINK = 'https://f.example/r/abc';
const AD = 'Ad: I get a reward if you buy.';

test('the link at the end is taken off, and a text without one stays whole', () => {
  assert.equal(withoutLink({ text: `Ad: Look! ${LINK}`, link: LINK }), 'Ad: Look!');
  assert.equal(withoutLink({ text: 'Ad: Look!', link: LINK }), 'Ad: Look!');
});

describe('the disclosure', () => {
  for (const [done, typed, text] of [
    ['nothing', `${AD} Hello`, `${AD} Hello`],
    ['words added at the end', `${AD} Hello you`, `${AD} Hello you`],
    ['everything deleted', '', AD],
    ['everything replaced', 'Hello', `${AD} Hello`],
    ['words put before it', `Hello ${AD} you`, `${AD} Hello  you`],
    ['its first character deleted', `${AD.slice(1)} Hello`, `${AD} Hello`],
    ['its last character deleted', `${AD.slice(0, -1)} Hello`, `${AD} Hello`],
    ['a character in it deleted', 'Ad: I get a rewrd if you buy. Hello', `${AD} Hello`],
    ['a character in it replaced', 'Ad: I get a rewXrd if you buy. Hello', `${AD} Hello`],
    ['a word in it deleted', 'Ad: I get a if you buy. Hello', `${AD} Hello`],
    ['half of it deleted', 'Ad: I get Hello', `${AD} Hello`],
  ]) {
    test(`stays whole at the beginning after ${done}`, () => {
      assert.equal(withDisclosure(typed, AD), text);
    });
  }

  test('stays whatever is cut out, and so do the words behind it', () => {
    const text = `${AD} Warm feet all winter`;
    for (let from = 0; from < AD.length; from += 1) {
      for (let to = from; to <= AD.length; to += 1) {
        const kept = withDisclosure(text.slice(0, from) + text.slice(to), AD);
        assert.equal(kept, text, `${from} to ${to}`);
      }
    }
  });
});

describe('a dialog', () => {
  const parts = { text: 'Ad: 5 % & more', link: LINK, host: 'mastodon.example' };

  test('gets what its network takes, written as addresses are', () => {
    const dialog = 'https://x.com/intent/post?text={text}&url={link}';
    const address = new URL(dialogAddress({ dialog }, parts));
    assert.equal(address.searchParams.get('text'), parts.text);
    assert.equal(address.searchParams.get('url'), LINK);
  });

  test('takes a text as it is, even one with signs of a replacement', () => {
    const dialog = 'https://n.example/?t={text}';
    const address = dialogAddress({ dialog }, { ...parts, text: "$& {link} $'" });
    assert.equal(new URL(address).searchParams.get('t'), "$& {link} $'");
  });

  test('of the own server opens there', () => {
    const dialog = 'https://{host}/share?text={text}';
    assert.equal(new URL(dialogAddress({ dialog }, parts)).host, 'mastodon.example');
  });

  test('of e-mail is the own app', () => {
    assert.match(dialogAddress({ dialog: 'mailto:?body={text}' }, parts), /^mailto:\?body=Ad%3A/);
  });

  for (const dialog of ['javascript:alert(1)', 'http://n.example/', 'data:text/html,x', '']) {
    test(`at "${dialog}" is never opened`, () => {
      assert.equal(dialogAddress({ dialog }, parts), null);
    });
  }
});

describe('a length', () => {
  const X = { link_length: 23, counts_wide: true };
  const BLUESKY = { link_length: 0, counts_wide: false };

  for (const [channel, name, text, length] of [
    [X, 'X', 'abc', 3 + 1 + 23],
    [X, 'X', 'äöü“”', 5 + 1 + 23],
    [X, 'X', '日本', 4 + 1 + 23],
    [X, 'X', '👨‍👩‍👧', 2 + 1 + 23],
    [BLUESKY, 'Bluesky', '日本', 2 + 1 + LINK.length],
    [BLUESKY, 'Bluesky', '👨‍👩‍👧', 1 + 1 + LINK.length],
  ]) {
    test(`of ${text} on ${name} is ${length}`, () => {
      assert.equal(lengthOf(channel, text, LINK), length);
    });
  }
});
