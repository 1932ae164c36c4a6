// Parts of a page that follow the live updates: data-follows="callbacks ticket" beside hx-get; own-call
// is a call only where it concerns this page alone, or one of the few that watch over all.
// The part itself stays and only its inside is swapped, so it hears every update. What comes while it
// is being asked for, or while a person is busy inside, makes it stale; a stale part is asked again.
(() => {
  const { body } = document;
  const TOGETHER = 50; // what comes at once is asked for once
  const APART = 1000; // and no part more often than this
  const AGAIN = 5000; // after a question without an answer
  // What hundreds of pages hear at the same moment they do not all ask for at once: so long a page
  // waits at most for each of the others, and so long again before it asks for the same part.
  const SPREAD_EACH = 200;
  const APART_EACH = 200;
  const FIELDS = "input:not([type=hidden], [type=submit]), select, textarea";
  const states = new WeakMap();
  let pressed = null;

  function stateOf(part) {
    if (!states.has(part)) {
      states.set(part, {
        isStale: false, canWait: false, isAsking: false, isWaiting: false, askedAt: 0, hurriedAt: 0, timer: null, asksAt: 0, inside: null,
      });
    }
    return states.get(part);
  }

  body.addEventListener("huiyin:live", ({ detail: { kind, among = 0 } }) => {
    const followed = among ? [kind] : [kind, `own-${kind}`];
    const parts = kind === "all" ? "[data-follows]" : followed.map((one) => `[data-follows~="${one}"]`).join();
    for (const part of document.querySelectorAll(parts)) {
      const state = stateOf(part);
      // What is for this page alone waits for no answer to what many have asked.
      if (!among && state.isWaiting) htmx.trigger(part, "htmx:abort");
      state.canWait = among > 0 && (state.canWait || !state.isStale);
      state.isStale = true;
      askSoon(part, TOGETHER + Math.random() * among * SPREAD_EACH, among * APART_EACH);
    }
  });

  // One timer a part, never put off: a steady stream of updates must not keep it waiting. What is for
  // this page alone brings forward what many will ask for, and stays apart only from its own kind.
  function askSoon(part, pause, apart = 0) {
    const state = stateOf(part);
    const before = state.canWait ? state.askedAt : state.hurriedAt;
    const at = Math.max(Date.now() + pause, before + Math.max(APART, apart));
    if (state.timer !== null && state.asksAt <= at) return;
    clearTimeout(state.timer);
    state.asksAt = at;
    state.timer = setTimeout(() => {
      state.timer = null;
      ask(part);
    }, at - Date.now());
  }

  // A stale part that nobody was going to ask for.
  function askAtLast(part, pause) {
    const { isStale, timer } = stateOf(part);
    if (isStale && timer === null) askSoon(part, pause);
  }

  function ask(part) {
    const state = stateOf(part);
    if (!state.isStale || state.isAsking || !part.isConnected || isBusy(part)) return;
    htmx.trigger(part, "huiyin:stale");
    if (state.isStale) askSoon(part, APART); // htmx is not ready, or waits for an answer itself
  }

  // A person writes here, chooses, listens or presses a button: the inside must not change now.
  function isBusy(part) {
    return part.contains(pressed)
      || part.querySelector(`form[data-draft], details[open], dialog[open], :is(${FIELDS}):focus`) !== null
      || [...part.querySelectorAll(FIELDS)].some(isChanged)
      || [...part.querySelectorAll("audio")].some((sound) => !sound.paused);
  }

  function isChanged(field) {
    if (field.matches("select")) {
      const chosen = [...field.options].findLast((option) => option.defaultSelected) ?? field.options[0];
      return chosen !== undefined && !chosen.selected;
    }
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    return field.value !== field.defaultValue;
  }

  function askTheStale() {
    for (const part of document.querySelectorAll("[data-follows]")) askAtLast(part, TOGETHER);
  }
  addEventListener("pointerdown", (event) => { pressed = event.target; }, true);
  for (const end of ["pointerup", "pointercancel", "dragend"]) {
    addEventListener(end, () => { pressed = null; askTheStale(); }, true);
  }
  for (const end of ["focusout", "change", "toggle", "close", "pause"]) document.addEventListener(end, askTheStale, true);

  body.addEventListener("htmx:configRequest", ({ target, detail }) => {
    if (target.matches("[data-follows]") && stateOf(target).canWait) detail.headers["Huiyin-Can-Wait"] = "yes";
  });
  body.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (!target.matches("[data-follows]")) return;
    const state = stateOf(target);
    Object.assign(state, { isStale: false, isAsking: true, isWaiting: state.canWait, askedAt: Date.now() });
    if (!state.canWait) state.hurriedAt = state.askedAt;
  });

  // An answer that says nothing new changes nothing: no ring begins anew, nobody loses their place.
  const TOKEN = /name="csrf_token" value="[^"]*"/g;
  const insideOf = (part, answer) => (part.hasAttribute("hx-select")
    ? new DOMParser().parseFromString(answer, "text/html").getElementById(part.id)?.innerHTML ?? ""
    : answer).replace(TOKEN, "");
  let focused = null;
  body.addEventListener("htmx:beforeSwap", ({ target, detail }) => {
    if (!target.matches("[data-follows]") || !detail.shouldSwap) return;
    const state = stateOf(target);
    const isHeld = isBusy(target);
    const inside = insideOf(target, detail.serverResponse);
    state.isStale ||= isHeld;
    detail.shouldSwap = !isHeld && inside !== state.inside;
    if (!detail.shouldSwap) return;
    state.inside = inside;
    focused = target.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  });

  // The new link or button stands where the old one stood, so the focus goes on there.
  const nameOf = (element) =>
    [element.localName, element.getAttribute("href"), element.form?.getAttribute("action"), element.value].join(" ");
  body.addEventListener("htmx:afterSwap", ({ target }) => {
    if (!focused || !target.matches("[data-follows]")) return;
    const same = [...target.querySelectorAll("a, button, summary")].find((one) => nameOf(one) === focused);
    same?.focus({ preventScroll: true });
    focused = null;
  });

  body.addEventListener("htmx:afterRequest", ({ target, detail: { xhr } }) => {
    if (!target.matches("[data-follows]")) return;
    const state = stateOf(target);
    const isAnswered = xhr.status > 0 && xhr.status < 500; // a refusal stays one
    state.isAsking = state.isWaiting = false;
    state.isStale ||= !isAnswered;
    askAtLast(target, isAnswered ? TOGETHER : AGAIN);
  });
})();
