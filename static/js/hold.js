// While the server is away nothing is sent: the browser's error page would replace form and script.
// Whoever fails to reach it says so (huiyin:lost on <body>), to all tabs. The page asks until the
// server answers, says huiyin:back, and sends by itself what was held.
(() => {
  const { body } = document;
  const AGAIN = 2000;
  const PATIENCE = 5000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("huiyin-lost") : null;
  const words = document.getElementById("held");
  let isAway = false;
  let isAsking = false;
  let held = null; // the form and the button that were pressed last

  async function ask() {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status < 500) back();
    } catch {
      // Still away; the next turn asks again.
    } finally {
      isAsking = false;
    }
    if (isAway) setTimeout(ask, AGAIN);
  }

  function lost() {
    if (isAway) return;
    isAway = true;
    ask();
  }

  function back() {
    isAway = false;
    words.hidden = true;
    body.dispatchEvent(new Event("huiyin:back"));
    const sending = held;
    held = null;
    if (sending?.form.isConnected) sending.form.requestSubmit(sending.button?.isConnected ? sending.button : null);
  }

  // Before anybody else hears of it: what is held has not been sent.
  document.addEventListener("submit", (event) => {
    if (!isAway || event.target.method !== "post" || event.target.dataset.sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    held = { form: event.target, button: event.submitter };
    (event.submitter ?? event.target.lastElementChild).after(words);
    words.hidden = false;
    ask();
  }, true);

  body.addEventListener("huiyin:lost", () => {
    channel?.postMessage("lost");
    lost();
  });
  if (channel) channel.onmessage = lost;
  addEventListener("offline", lost);
})();
