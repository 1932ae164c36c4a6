// Keys are declared where they act: data-key="F2" on a button is pressed, on a field focused.
// Single characters count only while nobody is typing; "?" lists the keys of the page.
(() => {
  const typing = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");

  // No category begins with a digit: in an empty picker a digit still chooses who is calling,
  // and "?" still lists the keys.
  const leavesPicker = (event) =>
    event.target.matches("[role=combobox]") && !event.target.value && /^[\d?]$/.test(event.key);

  function find(key) {
    const fits = (element) =>
      element.dataset.key.toLowerCase() === key.toLowerCase() && element.checkVisibility() && !element.disabled;
    const search = (scope) => [...scope.querySelectorAll("[data-key]")].find(fits);
    const dialog = document.querySelector("dialog[open]");
    if (dialog) return search(dialog);
    const menu = document.querySelector("details.hy-menu[open] > .hy-menu-panel");
    return (menu && search(menu)) ?? search(document);
  }

  function press(element) {
    // What cannot be sent without a word leads to the field for it first.
    const needed = document.getElementById(element.dataset.needs ?? "");
    if (needed && !needed.value.trim()) {
      needed.focus();
      return;
    }
    const isField = element.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=submit])");
    if (!("stays" in element.dataset)) element.focus();
    if (isField) element.select?.();
    else element.click();
    // What was chosen by its key leads on to the next field.
    if (element.dataset.then) document.getElementById(element.dataset.then)?.focus();
  }

  // The button of the part of the form that somebody writes in; without one the form has its own.
  const buttonBeside = (field) =>
    field.closest(".hy-menu-form, .hy-outcome")?.querySelector("button[type=submit]") ?? null;

  function fieldAfter(field) {
    const fields = [...field.form.elements].filter((one) =>
      one.matches("input:not([type=hidden]), select, textarea") && one.checkVisibility());
    return fields.slice(fields.indexOf(field) + 1).find((one) => one.name !== field.name);
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.ctrlKey) {
      if (event.key === "Enter" && event.target.form) {
        event.preventDefault();
        event.target.form.requestSubmit(buttonBeside(event.target));
      }
      return;
    }
    // Many buttons end this form, each in its own way: Enter leads on and chooses none of them.
    if (event.key === "Enter" && event.target.matches("input:not([type=submit])") && event.target.form?.matches("[data-enter=next]")) {
      event.preventDefault();
      const own = document.getElementById(event.target.dataset.presses ?? "");
      if (own) own.click();
      else fieldAfter(event.target)?.focus();
      return;
    }
    if (event.key.length === 1 && typing(event.target) && !leavesPicker(event)) return;
    if (event.key === "?") {
      event.preventDefault();
      showList();
      return;
    }
    const element = find(event.key);
    if (!element) return;
    event.preventDefault();
    press(element);
  });

  function describe(element) {
    const words = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? "";
    if (words) return words;
    const text = (element.closest("label") ?? element.labels?.[0] ?? element).cloneNode(true);
    text.querySelectorAll("kbd, svg, .hy-required").forEach((part) => part.remove());
    // "Yes" says nothing without its question.
    const question = element.matches("[type=radio]") && element.closest("fieldset")?.querySelector("legend:not(.visually-hidden)");
    return [question && question.textContent, text.textContent].filter(Boolean).map((one) => one.trim()).join(" · ");
  }

  function showList() {
    const list = document.getElementById("key-list");
    const rows = [...document.querySelectorAll("[data-key]")]
      .filter((element) => element.checkVisibility())
      .map((element) => [element.dataset.key, describe(element)]);
    rows.push(["?", list.dataset.help]);
    list.replaceChildren(...rows.map(([key, words]) => {
      const row = document.createElement("div");
      const name = document.createElement("dt");
      const what = document.createElement("dd");
      name.append(Object.assign(document.createElement("kbd"), { textContent: key }));
      what.textContent = words;
      row.append(name, what);
      return row;
    }));
    document.getElementById("key-help").showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-show-keys]")) showList();
  });
})();
