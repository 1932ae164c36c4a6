// One stream of live updates for all tabs of this browser. Each update becomes an event on <body>:
// {kind: "callbacks", …} → huiyin:callbacks, which htmx fragments listen to.
// Without a stream (503, no network) the page asks again every few seconds.
(() => {
  const { body } = document;
  const url = body.dataset.live;
  if (!url) return;

  const LEASE = 6000;
  const POLL = 10000;
  const KINDS = ["call", "seat", "seats", "ticket", "callbacks", "queue", "bell"];
  const me = Math.random().toString(36).slice(2);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("huiyin-live") : null;
  const lost = document.getElementById("live-lost");
  let stream = null;
  let last = "";
  let retryAt = 0;

  function tell(kind, detail) {
    body.dispatchEvent(new CustomEvent(`huiyin:${kind}`, { detail }));
  }

  function hear({ id, kind, data }) {
    if (id && id === last) return;
    if (id) last = id;
    tell(kind, data);
  }

  // Everything may have changed while nobody listened.
  function hearAll() {
    for (const kind of KINDS) tell(kind, { polled: true });
  }

  const lease = () => JSON.parse(localStorage.getItem("huiyin-live") ?? "{}");
  const othersLead = () => { const { owner, until } = lease(); return owner && owner !== me && until > Date.now(); };
  const lead = () => localStorage.setItem("huiyin-live", JSON.stringify({ owner: me, until: Date.now() + LEASE }));

  function open() {
    let failed = false;
    stream = new EventSource(url);
    const onUpdate = (event) => {
      const update = { id: event.lastEventId, kind: event.type, data: event.data ? JSON.parse(event.data) : {} };
      hear(update);
      channel?.postMessage(update);
    };
    for (const kind of KINDS) stream.addEventListener(kind, onUpdate);
    stream.onopen = () => {
      lost.hidden = true;
      if (failed) hearAll();
      failed = false;
    };
    stream.onerror = () => {
      failed = true;
      if (stream && stream.readyState === EventSource.CLOSED) close(POLL);
    };
  }

  function close(pause) {
    stream?.close();
    stream = null;
    retryAt = Date.now() + (pause ?? 0);
    if (pause) {
      lost.hidden = false;
      hearAll();
    }
  }

  function tick() {
    if (document.hidden && othersLead()) close();
    else if (channel && othersLead()) { if (stream) close(); lost.hidden = true; }
    else {
      lead();
      if (!stream && Date.now() >= retryAt) open();
    }
  }

  if (channel) channel.onmessage = (event) => hear(event.data);
  addEventListener("pagehide", () => {
    stream?.close();
    stream = null;
    if (lease().owner === me) localStorage.removeItem("huiyin-live");
  });
  addEventListener("pageshow", tick);
  setInterval(tick, 2000);
  tick();
})();
