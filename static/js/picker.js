// A select that is searched by typing: its options carry data-search (pinyin initials, words).
// Without this script it stays the select it is.
(() => {
  const fold = (text) => text.toLowerCase().replace(/\s+/g, "");

  // Initials that begin with what was typed come first, then words that contain it.
  function rank(option, wanted) {
    if (!wanted) return 1;
    const [initials, ...words] = option.dataset.search.split("|").map(fold);
    if (initials.startsWith(wanted)) return 1;
    if (words.some((word) => word.startsWith(wanted))) return 2;
    if (words.some((word) => word.includes(wanted))) return 3;
    return initials.includes(wanted) ? 4 : 0;
  }

  function enhance(select) {
    const options = [...select.options].filter((option) => option.value);
    const box = document.createElement("div");
    const input = document.createElement("input");
    const list = document.createElement("ul");
    const listId = `${select.id}-list`;
    let shown = [];
    let active = 0;
    let quiet = false; // the page's own focus does not open the list

    box.className = "hy-picker";
    Object.assign(input, { type: "text", id: `${select.id}-text`, className: "form-control", autocomplete: "off", placeholder: select.dataset.placeholder ?? "" });
    for (const name of ["aria-describedby", "aria-invalid", "data-key"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    select.removeAttribute("data-key");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list" })) input.setAttribute(name, value);
    Object.assign(list, { id: listId, className: "hy-picker-list", hidden: true });
    list.setAttribute("role", "listbox");
    const label = select.labels[0];
    for (const named of [list, select]) named.setAttribute("aria-label", label.textContent.trim());
    label.htmlFor = input.id;
    select.hidden = true;
    select.after(box);
    box.append(input, list);

    const showChosen = () => { input.value = select.value ? select.selectedOptions[0].textContent.trim() : ""; };

    function mark(index) {
      active = Math.max(0, Math.min(index, shown.length - 1));
      [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === active)));
      const row = list.children[active];
      if (row?.id) input.setAttribute("aria-activedescendant", row.id);
      else input.removeAttribute("aria-activedescendant");
      row?.scrollIntoView({ block: "nearest" });
    }

    function open() {
      const wanted = select.value && input.value === select.selectedOptions[0].textContent.trim() ? "" : fold(input.value);
      shown = options
        .map((option) => [rank(option, wanted), option])
        .filter(([score]) => score)
        .sort(([one], [other]) => one - other)
        .map(([, option]) => option);
      list.replaceChildren(...shown.map((option, at) => {
        const row = document.createElement("li");
        const words = document.createElement("span");
        const beside = document.createElement("small");
        row.setAttribute("role", "option");
        row.id = `${listId}-${at}`;
        words.textContent = option.textContent.trim();
        beside.textContent = option.dataset.beside ?? "";
        row.append(words, beside);
        row.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
        return row;
      }));
      if (!shown.length) {
        const none = Object.assign(document.createElement("li"), { className: "hy-picker-none", textContent: select.dataset.none ?? "" });
        none.setAttribute("role", "option");
        none.setAttribute("aria-disabled", "true");
        list.append(none);
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(Math.max(0, shown.indexOf(select.selectedOptions[0])));
    }

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(option) {
      select.value = option?.value ?? "";
      showChosen();
      close();
      select.dispatchEvent(new Event("input", { bubbles: true }));
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }

    input.addEventListener("focus", () => { input.select(); if (!quiet) open(); });
    input.addEventListener("click", () => { if (list.hidden) open(); });
    input.addEventListener("input", open);
    // What is left in the field when it is left: nothing, one hit, or what was chosen before.
    input.addEventListener("blur", () => {
      if (!input.value.trim()) { if (select.value) choose(null); } else showChosen();
      close();
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open(); else mark(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if ((event.key === "Enter" || event.key === "Tab") && !list.hidden && input.value.trim() && shown.length) {
        if (event.key === "Enter") event.preventDefault();
        choose(shown[active]);
        if (event.key === "Enter") document.getElementById(select.dataset.then ?? "")?.focus();
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        showChosen();
        close();
      }
    });
    select.addEventListener("huiyin:restored", showChosen);
    showChosen();
    if (select.autofocus && matchMedia("(min-width: 700px)").matches) {
      quiet = true;
      input.focus();
      quiet = false;
    }
  }

  const enhanceAll = (root) => root.querySelectorAll("select[data-picker]:not([hidden])").forEach(enhance);
  enhanceAll(document);
  document.body.addEventListener("htmx:afterSettle", (event) => enhanceAll(event.target));
})();
