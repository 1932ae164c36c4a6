// What is being typed survives a reload, a crash and a lost session.
// form[data-draft="<key>"] is sent to /drafts/<key> while typing. Only what could not be sent is kept
// in this browser, and only until it could.
(() => {
  const PAUSE = 700;
  const SKIP = new Set(["csrf_token", "version"]);
  const PREFIX = "huiyin:draft:";

  function fieldsOf(form) {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (!SKIP.has(name) && typeof value === "string") fields[name] = value;
    }
    return fields;
  }

  function restore(form, fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (!field || SKIP.has(name)) continue;
      if (field instanceof RadioNodeList || field.type !== "checkbox") field.value = value;
      else field.checked = true;
      if (field instanceof HTMLElement) field.dispatchEvent(new Event("huiyin:restored"));
    }
  }

  const keptHere = (name) => JSON.parse(localStorage.getItem(name));
  const keepHere = (name, draft) => localStorage.setItem(name, JSON.stringify(draft));

  // A form that was sent is over. The door and error pages have no viewer: there it is not.
  function settleWhatWasSent() {
    const wasTaken = Boolean(document.body.dataset.viewer);
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
      const { fields, isSent } = keptHere(name);
      if (isSent && wasTaken) localStorage.removeItem(name);
      else if (isSent) keepHere(name, { fields });
    }
  }

  function keep(form) {
    if (form.dataset.kept) return;
    form.dataset.kept = "yes";
    const name = `${PREFIX}${document.body.dataset.viewer}:${form.dataset.draft}`;
    const state = form.querySelector("[data-draft-state]");
    const token = document.querySelector("meta[name=csrf-token]").content;
    let waiting = 0;
    let typed = 0; // changes so far
    let kept = 0; // changes the server has
    let known = Infinity; // changes it had when the next page was asked for: that one may not show more
    let isSending = false; // one at a time, or an older text could overtake a newer one

    const say = (what) => { if (state) state.textContent = state.dataset[what]; };

    async function send() {
      if (form.dataset.sent) return;
      if (isSending) {
        waiting = setTimeout(send, PAUSE);
        return;
      }
      isSending = true;
      const fields = fieldsOf(form);
      const sending = typed;
      try {
        const answer = await fetch(`/drafts/${encodeURIComponent(form.dataset.draft)}`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": token },
          body: JSON.stringify(fields),
          redirect: "error",
        });
        if (!answer.ok) throw new Error(String(answer.status));
        kept = Math.max(kept, sending);
        if (kept < typed) return; // more is on its way
        localStorage.removeItem(name);
        say("saved");
      } catch {
        keepHere(name, { fields });
        say("kept");
        document.body.dispatchEvent(new Event("huiyin:lost"));
      } finally {
        isSending = false;
      }
    }

    function sendSoon() {
      typed += 1;
      known = Infinity;
      clearTimeout(waiting);
      waiting = setTimeout(send, PAUSE);
    }

    // Fields may stand outside of the form's element and still belong to it.
    document.addEventListener("input", (event) => {
      if (event.target.form !== form && event.target !== form) return;
      say("typing");
      sendSoon();
    });
    document.body.addEventListener("huiyin:back", () => { if (kept < typed) sendSoon(); });
    addEventListener("beforeunload", () => { known = kept; });
    addEventListener("pagehide", () => {
      if (Math.min(kept, known) < typed) keepHere(name, { fields: fieldsOf(form), isSent: Boolean(form.dataset.sent) });
    });

    // What was refused stands in the form and nowhere else yet; a reload asks for the form's own page.
    if (form.dataset.refused) {
      history.replaceState(null, "", form.dataset.refused);
      sendSoon();
      return;
    }

    // The server has put its draft into the form; what this browser could not send is newer.
    const own = keptHere(name);
    if (own) {
      restore(form, own.fields);
      say("restored");
      const note = document.querySelector(`[data-draft-note="${form.dataset.draft}"]`);
      if (note) note.hidden = false;
      sendSoon();
    }
  }

  // Who begins anew wants nothing of it back: the draft counts as sent.
  document.addEventListener("submit", (event) => {
    const { forgets } = event.target.dataset;
    const form = forgets && document.querySelector(`form[data-draft="${forgets}"]`);
    if (!form) return;
    form.dataset.sent = "yes";
    localStorage.removeItem(`${PREFIX}${document.body.dataset.viewer}:${forgets}`);
  });

  settleWhatWasSent();
  document.querySelectorAll("form[data-draft]").forEach(keep);
  document.body.addEventListener("htmx:afterSettle", (event) => {
    event.target.querySelectorAll("form[data-draft]").forEach(keep);
  });
})();
