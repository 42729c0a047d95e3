import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AFFILIATE_PARAMETERS, broughtByAffiliate, standDown } from '../../extension/lib/standdown.js';

const page = (query) => new URL(`https://berta.example/boots?${query}`);

/** Addresses as the networks make them, with made-up ids of the right shape. */
const BROUGHT = {
  'the agreed sign': 'https://berta.example/boots?afsrc=1',
  Impact:
    'https://berta.example/boots?irclickid=Wz0Tx-1n8xyPUHRQ3%3A0Ub3kqUkH&irgwc=1&utm_source=impact',
  'Impact, as it was': 'https://berta.example/?clickid=w0SQ9oVWgxyLRpbwUx0Mo34&irgwc=1',
  'Impact, behind the hash': 'https://berta.example/#/boots?irclickid=Wz0Tx-1n8xyPUHRQ3',
  Awin: 'https://berta.example/boots?sn=1&awc=2547_1732440000_5a0f0e6c1f1b4d',
  'Awin, by its campaign': 'https://berta.example/?sv1=affiliate&sv_campaign_id=78888&awc=9_8_7',
  Zanox: 'https://berta.example/?zanpid=2410999123456789504',
  CJ: 'https://berta.example/?cjevent=8f0c0e2caa1011ef83f2005c0a82b832&cjdata=MXxZfDB8WXww',
  'CJ in capitals': 'https://berta.example/?CJEVENT=8f0c0e2caa1011ef83f2005c0a82b832',
  Rakuten:
    'https://berta.example/?ranMID=41970&ranEAID=TnL5HPStwNw&ranSiteID=TnL5HPStwNw-3xhKcO1bRw',
  'Rakuten, one of them': 'https://berta.example/?color=red&ranSiteID=TnL5HPStwNw-3xhKcO1bRw',
  ShareASale: 'https://berta.example/boots?sscid=a1k8_9x2r7&utm_source=ShareASale',
  Partnerize: 'https://berta.example/boots?clickref=1011lzTq8Y4Z&utm_campaign=x',
  Ascend: 'https://berta.example/?clickId=4849384923&pjid=8-12345&pjmid=1-8900',
  FlexOffers: 'https://berta.example/?faid=12345&fobs=1234567',
  Tradedoubler: 'https://berta.example/?tduid=0b1c2d3e4f5061728394a5b6c7d8e9f0',
  Webgains: 'https://berta.example/?wgu=280895_1234567_16412345678_ab&wgexpiry=1764000000',
  Admitad: 'https://berta.example/?admitad_uid=0a1b2c3d4e5f60718293a4b5c6d7e8f9&tagtag_uid=1',
  AvantLink: 'https://berta.example/?avad=55963_b38f3c2f1',
  Adtraction: 'https://berta.example/?at_gd=4C3F2B1A0D9E8F7A6B5C',
  'Commission Factory': 'https://berta.example/?cfclick=3f9b1c2d4e',
  TradeTracker: 'https://berta.example/?tt=15372_12_341234_boots&r=%2Fboots',
  Everflow: 'https://berta.example/?_ef_transaction_id=0f3a4e1d2c5b&oid=12&affid=7',
  Refersion: 'https://berta.example/?rfsn=5123456.ab12c&utm_source=refersion',
  UpPromote: 'https://berta.example/?sca_ref=3456789.AbCdEfGhIj',
  'Post Affiliate Pro': 'https://berta.example/?a_aid=5f3c&a_bid=11111111',
  PartnerStack: 'https://berta.example/?ps_partner_key=YWRh&ps_xid=ab12CD',
  'a shop that names the medium': 'https://berta.example/?utm_source=blog&utm_medium=affiliate',
  'and in the plural': 'https://berta.example/?utm_medium=Affiliates',
  'and with a word more': 'https://berta.example/?utm_medium=affiliate-marketing',
  'and in French': 'https://berta.example/?utm_medium=affiliation',
  Amazon: 'https://www.amazon.com/dp/B00BOOTS00?tag=adasblog-20&linkCode=ogi',
  'Amazon in Britain': 'https://www.amazon.co.uk/dp/B00BOOTS00/?tag=adasblog-21',
  'Amazon in Germany': 'https://www.amazon.de/dp/B00BOOTS00/ref=nosim?tag=adasblog-21',
  'Amazon in Brazil': 'https://www.amazon.com.br/dp/B00BOOTS00?ascsubtag=x_1_2',
  eBay: 'https://www.ebay.de/itm/1234567890?mkevt=1&mkcid=1&mkrid=707-53477-19255-0&campid=53385',
};

const NOT_BROUGHT = {
  'a plain page': 'https://berta.example/boots',
  'our own link': 'https://berta.example/boots?ff=visit-token-0001',
  'advertising at Google': 'https://berta.example/?gclid=EAIaIQobChMI&gad_source=1&gbraid=0AAAA',
  'shopping at Google': 'https://berta.example/?srsltid=AfmBOopX',
  'advertising at Meta': 'https://berta.example/?fbclid=IwAR0&utm_medium=paid',
  'advertising at Microsoft': 'https://berta.example/?msclkid=0f1e2d',
  'advertising elsewhere':
    'https://berta.example/?ttclid=E.C.P&twclid=2-abc&li_fat_id=1&epik=dj0y&yclid=1&dclid=CJ1&ScCid=1',
  'a newsletter': 'https://berta.example/?mc_cid=1a2b&mc_eid=3c4d&utm_medium=email',
  'a post of the brand': 'https://berta.example/?utm_source=instagram&utm_medium=social',
  'a network named as source, which any blog may do': 'https://berta.example/?utm_source=awin',
  'a medium that only begins alike': 'https://berta.example/?utm_medium=affinity',
  'the agreed sign, denied': 'https://berta.example/?afsrc=0',
  'a sign without a value': 'https://berta.example/?awc=&irclickid=',
  'a search for a sign': 'https://berta.example/search?q=awc%3D1+irclickid%3D2',
  'a path like a sign': 'https://berta.example/awc=1/afsrc=1',
  'a name that contains a sign': 'https://berta.example/?hawc=1&awcx=1&cjevents=2&my_sscid=3',
  'a heading': 'https://berta.example/boots#awc',
  "a shop's own tag": 'https://berta.example/blog?tag=winter',
  "a tag on a name like Amazon's": 'https://amazon.com.berta.example/dp/1?tag=x-20',
  'a river': 'https://amazon-boats.example/?tag=x-20',
  "eBay's advertisements": 'https://www.ebay.com/itm/1?mkevt=1&mkcid=2&keyword=boots',
  "eBay's letters": 'https://www.ebay.com/?mkevt=1&mkcid=7',
  'a test that a shop runs': 'https://berta.example/?tt=b',
  'words with a hundred meanings': 'https://berta.example/?ref=home&via=menu&source=nav&aid=4&pid=9',
};

for (const [who, address] of Object.entries(BROUGHT)) {
  test(`somebody else brought the visitor: ${who}`, () => {
    assert.equal(broughtByAffiliate(new URL(address)), true);
  });
}

for (const [what, address] of Object.entries(NOT_BROUGHT)) {
  test(`nobody did: ${what}`, () => {
    assert.equal(broughtByAffiliate(new URL(address)), false);
  });
}

test('every name on the list is there in small letters and says so by itself', () => {
  for (const name of AFFILIATE_PARAMETERS.keys()) {
    assert.equal(name, name.toLowerCase());
    assert.equal(broughtByAffiliate(page(`${name.toUpperCase()}=x`)), true, name);
  }
});

test('a brand is stood down on for the rest of the session, wherever its visitor goes', () => {
  const first = standDown([], 'berta.example', page('awc=1'));
  assert.deepEqual(first, { standsDown: true, domains: ['berta.example'] });
  const later = standDown(first.domains, 'berta.example', page(''));
  assert.deepEqual(later, first);
});

test('other brands are not concerned', () => {
  const decision = standDown(['berta.example'], 'carl.example', page(''));
  assert.deepEqual(decision, { standsDown: false, domains: ['berta.example'] });
});
