/* Fanfare: tells whether a visit by a share link is real. No cookies.
 * fanfare.visit(): its token for checkouts; fanfare.about(): who sent me? */
(async (d) => {
  try {
    const script = d.currentScript, server = new URL(script.src).origin;
    let visit = {}, store;
    try { store = sessionStorage; visit = JSON.parse(store.fanfare) || {}; } catch { /* none */ }
    const keep = () => { try { store.fanfare = JSON.stringify(visit); } catch { /* none */ } };
    const token = script.dataset.visit || new URLSearchParams(location.search).get("ff");
    if (token && token !== visit.token) visit = { token };
    window.fanfare = { visit: () => visit.token || null, about: () => visit.token ? `${server}/f/${visit.token}` : null };
    if (!visit.token) return;
    if (d.prerendering) await new Promise((seen) => { d.onprerenderingchange = seen; });
    visit.pages = (visit.pages || 0) + 1;
    keep();
    if (visit.done) return;
    const send = (path, more) => fetch(`${server}/b/${path}`, {
      method: "POST", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer",
      body: JSON.stringify({ token: visit.token, ...more }),
    });
    const { nonce } = await (await send("open")).json();
    if (!nonce) return;
    const start = Date.now();
    let visible_ms = 0, last = start;
    for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, (event) => {
      visit.interacted ||= event.isTrusted && Date.now() - start >= 1000;
    }, { passive: true, capture: true });
    addEventListener("pagehide", keep);
    const timer = setInterval(() => {
      const now = Date.now();
      if (d.visibilityState === "visible" && d.hasFocus()) visible_ms += Math.min(now - last, 1000);
      last = now;
      if (now - start < 1100 || !(visit.interacted || visible_ms >= 10000 || visit.pages > 1)) return;
      clearInterval(timer);
      send("seen", { nonce, visible_ms, interacted: !!visit.interacted, pages: visit.pages }).then(({ ok }) => {
        visit.done = ok;
        keep();
      }).catch(() => {});
    }, 250);
  } catch { /* not the brand's */ }
})(document);
