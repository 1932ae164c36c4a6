// One stream of live updates for all tabs of this browser. Each update becomes an event on <body>:
// {kind: "callbacks", …} → huiyin:callbacks, which htmx fragments listen to.
// Without a stream (503, no network) the page asks /live/poll every few seconds and tries again.
(() => {
  const { body } = document;
  const url = body.dataset.live;
  if (!url) return;

  const LEASE = 6000;
  const RETRY = 10000;
  const KINDS = ["call", "seat", "seats", "ticket", "callbacks", "queue", "bell"];
  const me = Math.random().toString(36).slice(2);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("huiyin-live") : null;
  const lost = document.getElementById("live-lost");
  let stream = null;
  let last = body.dataset.liveAfter; // what the page was rendered with
  let retryAt = 0;

  function tell(kind, detail) {
    body.dispatchEvent(new CustomEvent(`huiyin:${kind}`, { detail }));
  }

  function hear({ id, kind, data }) {
    if (id === last) return;
    last = id;
    tell(kind, data);
  }

  function pass(update) {
    hear(update);
    channel?.postMessage(update);
  }

  const lease = () => JSON.parse(localStorage.getItem("huiyin-live") ?? "{}");
  const othersLead = () => { const { owner, until } = lease(); return owner && owner !== me && until > Date.now(); };
  const lead = () => localStorage.setItem("huiyin-live", JSON.stringify({ owner: me, until: Date.now() + LEASE }));

  function open() {
    stream = new EventSource(`${url}?after=${last}`);
    const onUpdate = (event) => {
      pass({ id: event.lastEventId, kind: event.type, data: JSON.parse(event.data) });
    };
    for (const kind of KINDS) stream.addEventListener(kind, onUpdate);
    stream.onopen = () => {
      lost.hidden = true;
    };
    // The browser connects again by itself and says where it stopped; only a refusal ends a stream.
    stream.onerror = () => {
      if (stream?.readyState === EventSource.CLOSED) {
        close();
        retryAt = Date.now() + RETRY;
        lost.hidden = false;
      }
    };
  }

  function close() {
    stream?.close();
    stream = null;
  }

  async function poll() {
    try {
      const answer = await fetch(`${url}/poll?after=${last}`, { redirect: "error" });
      const { last: newest, updates } = await answer.json();
      for (const { id, kind, data } of updates) pass({ id: String(id), kind, data });
      last = String(newest);
    } catch {
      // The server is away; the band says so, and the next turn asks again.
    }
  }

  function tick() {
    if (channel && othersLead()) {
      close();
      lost.hidden = true;
      return;
    }
    if (document.hidden && channel && lease().owner !== me) return;
    lead();
    if (stream) return;
    if (Date.now() >= retryAt) open();
    else poll();
  }

  if (channel) channel.onmessage = (event) => hear(event.data);
  addEventListener("pagehide", () => {
    close();
    if (lease().owner === me) localStorage.removeItem("huiyin-live");
  });
  addEventListener("pageshow", tick);
  setInterval(tick, 2000);
  tick();
  if (!stream) poll(); // another tab listens: catch up with what came while this page was loading
})();
