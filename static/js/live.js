// One stream of live updates for all tabs of this browser. Each update becomes an event on <body>:
// huiyin:live with {kind: "callbacks", data}, which the parts of a page follow (parts.js); `among` says
// how many other pages hear the same at this moment.
// Without a stream (503, no network) the page asks /live/poll every few seconds and tries again;
// data-line of <body> says how it hears: stream, poll, lost, or over.
// The server tells twice what is a few seconds old, so that nothing is lost between a page, a stream
// and the next one; what was heard already is left out here.
(() => {
  const { body } = document;
  const url = body.dataset.live;
  if (!url) return;

  const LEASE = 6000;
  const RETRY = 10000;
  const SILENCE = 20000; // the server says every 8 seconds that it is still here
  const KEPT = 2000;
  const me = Math.random().toString(36).slice(2);
  const shared = `huiyin-live ${url}`; // a wall in the same browser hears less than a person
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(shared) : null;
  const lost = document.getElementById("live-lost");
  const heard = new Set(body.dataset.liveKnown.split(" ").map(Number)); // the page shows these
  let last = Math.max(...heard);
  let stream = null;
  let aliveAt = 0;
  let retryAt = 0;
  let isOver = false;

  function hear({ id, kind, data, among }) {
    if (kind === "all") {
      heard.clear(); // the numbers may have begun anew
      last = id;
    } else if (heard.has(id)) {
      return;
    }
    heard.add(id);
    if (heard.size > KEPT) heard.delete(heard.values().next().value);
    last = Math.max(last, id);
    body.dispatchEvent(new CustomEvent("huiyin:live", { detail: { kind, data, among } }));
  }

  function pass(update) {
    hear(update);
    channel?.postMessage(update);
  }

  const lease = () => JSON.parse(localStorage.getItem(shared) ?? "{}");
  const othersLead = () => { const { owner, until } = lease(); return owner && owner !== me && until > Date.now(); };
  const lead = () => localStorage.setItem(shared, JSON.stringify({ owner: me, until: Date.now() + LEASE }));

  function open() {
    stream = new EventSource(`${url}?after=${last}`);
    aliveAt = Date.now();
    channel?.postMessage({ from: last });
    stream.onmessage = (event) => {
      aliveAt = Date.now();
      body.dataset.line = "stream";
      const update = JSON.parse(event.data);
      if (update.kind !== "still") pass({ id: Number(event.lastEventId), ...update });
    };
    stream.onopen = () => {
      aliveAt = Date.now();
      body.dataset.line = "stream";
      lost.hidden = true;
    };
    // The browser connects again by itself and says where it stopped; only a refusal ends a stream.
    stream.onerror = () => {
      body.dataset.line = "lost";
      body.dispatchEvent(new Event("huiyin:lost"));
      if (stream?.readyState === EventSource.CLOSED) giveUp();
    };
  }

  function close() {
    stream?.close();
    stream = null;
  }

  function giveUp() {
    close();
    retryAt = Date.now() + RETRY;
    lost.hidden = false;
  }

  async function poll() {
    try {
      const headers = { "HX-Request": "true" };
      const answer = await fetch(`${url}/poll?after=${last}`, { headers, signal: AbortSignal.timeout(RETRY) });
      if (answer.status === 401) return end();
      const { last: newest, updates } = await answer.json();
      updates.forEach(pass);
      last = newest;
      if (!stream) body.dataset.line = "poll";
    } catch {
      body.dataset.line = "lost";
      // The server is away; the band says so, and the next turn asks again.
      body.dispatchEvent(new Event("huiyin:lost"));
    }
  }

  // The session is over: nothing will be heard until somebody signs in.
  function end() {
    isOver = true;
    body.dataset.line = "over";
    clearInterval(ticking);
    close();
    lost.hidden = true;
    document.getElementById("live-ended").hidden = false;
  }

  function tick() {
    if (isOver) return;
    if (channel && othersLead()) {
      close();
      body.dataset.line = "stream";
      lost.hidden = true;
      return;
    }
    if (document.hidden && channel && lease().owner !== me) return;
    lead();
    // A connection may die without a word: a lid was closed, or somebody on the way swallows it.
    if (stream && Date.now() - aliveAt > SILENCE) giveUp();
    if (stream) return;
    if (Date.now() >= retryAt) open();
    else poll();
  }

  function again() {
    close();
    retryAt = 0;
    tick();
    if (!stream && !isOver) poll(); // another tab listens: catch up with what it told while nobody heard here
  }

  // Who begins to listen for all says from where on: who has heard less has missed something.
  if (channel) channel.onmessage = ({ data }) => ("from" in data ? data.from > last && poll() : hear(data));
  addEventListener("pagehide", () => {
    close();
    if (lease().owner === me) localStorage.removeItem(shared);
  });
  addEventListener("pageshow", (event) => event.persisted && again());
  addEventListener("online", again);
  document.addEventListener("visibilitychange", tick);
  const ticking = setInterval(tick, 2000);
  again();
})();
