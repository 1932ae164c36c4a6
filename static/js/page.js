// The small behaviours of every page: menus, dialogs, notices, and htmx with our CSRF token.
(() => {
  const { body } = document;

  // Menus: one open at a time; a click elsewhere or Escape closes it.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.hy-menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.hy-menu"));
    const opener = event.target.closest("[data-dialog]");
    if (opener) openDialog(document.getElementById(opener.dataset.dialog));
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog").close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.hy-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A menu with a form in it begins at its first field.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.hy-menu[open]")) {
      event.target.querySelector(".hy-menu-form :is(select, input:not([type=hidden]), textarea)")?.focus();
    }
  }, true);

  function openDialog(dialog) {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    dialog.querySelector("[autofocus], input:not([type=hidden]), textarea, select")?.focus();
  }
  // A refused form comes back with its dialog open.
  const openMarked = (root) => root.querySelectorAll("dialog[data-open]").forEach(openDialog);
  openMarked(document);

  // A click on a due time shows in place how it was reckoned; without this script the link leads there.
  document.addEventListener("click", async (event) => {
    const due = event.target.closest("a[data-reckoning]");
    if (!due || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(due.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return location.assign(due.href);
    document.getElementById("reckoning-steps").innerHTML = await answer.text();
    openDialog(document.getElementById("reckoning"));
  });

  // A refused form begins at its first wrong field, wherever that is folded away.
  const SHUT = "details:not([open])";
  function focusFirstWrong(root) {
    const wrong = root.querySelector(".hy-error")?.closest(".hy-field");
    if (!wrong) return;
    for (let part = wrong.closest(SHUT); part; part = wrong.closest(SHUT)) part.open = true;
    wrong.querySelector(":is(input, select, textarea):not([type=hidden], [hidden])")?.focus();
  }
  // When the scripts of the page have made of its fields what they make of them.
  document.addEventListener("DOMContentLoaded", () => focusFirstWrong(document));

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // The page stays when what comes is a file: then the form may be sent again in a moment.
    if (!("download" in form.dataset)) return;
    closeMenus();
    setTimeout(() => delete form.dataset.sent, 3000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A select that filters a list sends its form at once.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // One box that ticks all of its form.
  for (const label of document.querySelectorAll("[data-needs-script]")) label.hidden = false;
  document.addEventListener("change", (event) => {
    const { ticks } = event.target.dataset;
    if (!ticks) return;
    for (const box of event.target.form.querySelectorAll(`[name="${ticks}"]`)) box.checked = event.target.checked;
  });

  // A category that is confidential by default sets the mark and says so; whoever writes may take it off.
  document.addEventListener("change", (event) => {
    const said = document.getElementById("confidential-by-default");
    if (event.target.id !== "category" || !said) return;
    said.hidden = !event.target.selectedOptions[0]?.matches("[data-confidential]");
    const mark = document.getElementById("is_confidential");
    if (said.hidden || mark.checked) return;
    mark.checked = true;
    mark.closest("details").open = true;
    mark.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Parts of a form shown for some values of a field, or for all others:
  // data-shown-by="source=12345|12351", data-hidden-by="number=".
  const valueOf = (name) => {
    const fields = [...document.getElementsByName(name)];
    const isChoice = fields.some((field) => field.matches("[type=radio], [type=checkbox]"));
    return (isChoice ? fields.find((field) => field.checked) : fields[0])?.value ?? "";
  };
  const showParts = () => {
    for (const part of document.querySelectorAll("[data-shown-by], [data-hidden-by]")) {
      const { shownBy, hiddenBy } = part.dataset;
      const [name, values] = (shownBy ?? hiddenBy).split("=");
      part.hidden = values.split("|").includes(valueOf(name).trim()) === Boolean(hiddenBy);
    }
  };
  document.addEventListener("input", showParts);
  showParts();

  // Nothing typed is cut: a field with data-most says how much too long it is.
  const sayOver = (field) => {
    const over = [...field.value.trim()].length - Number(field.dataset.most);
    const id = `${field.id}-over`;
    const said = document.getElementById(id);
    if (over <= 0) return said?.remove();
    const line = said ?? Object.assign(document.createElement("div"), { id, className: "hy-error" });
    line.setAttribute("role", "status");
    line.textContent = field.dataset.over.replace("{over}", over);
    field.after(line);
    document.getElementById(`${field.id}-error`)?.remove();
  };
  const countAll = (root) => root.querySelectorAll("[data-most]").forEach(sayOver);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-most]")) sayOver(event.target);
  });
  countAll(document);

  body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
  });
  body.addEventListener("htmx:afterSettle", (event) => {
    openMarked(event.target);
    countAll(event.target);
    showParts();
    focusFirstWrong(event.target);
    // A form that was asked for begins at its first field.
    if (event.target.id === "act") {
      event.target.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus();
    }
    runClocks();
    showRing();
  });

  // A call that rings shows in the tab's title too.
  const { title } = document;
  const showRing = () => {
    document.title = document.querySelector(".hy-call-ringing, .hy-call-waiting") ? `☎ ${title}` : title;
  };

  // Seconds since an instant, for calls in progress; seconds until one, for what ends by itself.
  const face = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const runClocks = () => {
    for (const clock of document.querySelectorAll("[data-until]")) {
      clock.textContent = face(Math.max(0, Math.ceil((Date.parse(clock.dataset.until) - Date.now()) / 1000)));
    }
    for (const clock of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
      clock.textContent = face(seconds);
    }
  };
  runClocks();
  setInterval(runClocks, 1000);
})();

// The button that prints the page.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
