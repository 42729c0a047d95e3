/* Fanfare: tells whether a visit through a share link is real. No cookies.
 * fanfare.visit() gives the visit's token to your checkout, or null. */
((w, d) => {
  try {
    const server = new URL(d.currentScript.src).origin, key = "fanfare", signs = ["pointerdown", "keydown", "scroll"];
    let visit = {}, store;
    try { store = w.sessionStorage; visit = JSON.parse(store[key]) || {}; } catch { /* first page */ }
    const keep = () => { try { store[key] = JSON.stringify(visit); } catch { /* this page only */ } };
    const token = new URLSearchParams(w.location.search).get("ff");
    if (token && token !== visit.token) visit = { token };
    w.fanfare = { visit: () => visit.token || null };
    if (!visit.token) return;
    visit.pages = (visit.pages || 0) + 1;
    keep();
    const send = (path, more) => w.fetch(`${server}/b/${path}`, {
      method: "POST", keepalive: true, credentials: "omit", referrerPolicy: "no-referrer",
      body: JSON.stringify({ token: visit.token, ...more }),
    });
    visit.done || send("open").then((answer) => answer.json()).then(({ nonce }) => {
      if (!nonce) return;
      const start = Date.now();
      let visible_ms = 0, interacted = false, last = start;
      const notice = (event) => { interacted ||= event.isTrusted && Date.now() - start >= 1000; };
      for (const sign of signs) w.addEventListener(sign, notice, { passive: true, capture: true });
      const timer = w.setInterval(() => {
        const now = Date.now();
        if (d.visibilityState === "visible" && d.hasFocus()) visible_ms += Math.min(now - last, 1000);
        last = now;
        if (now - start < 1100 || !(interacted || visible_ms >= 10000 || visit.pages > 1)) return;
        w.clearInterval(timer);
        send("seen", { nonce, visible_ms, interacted, pages: visit.pages }).then(({ ok }) => {
          visit.done = ok;
          keep();
        }).catch(() => {});
      }, 250);
    }).catch(() => {});
  } catch { /* never the brand's problem */ }
})(window, document);
