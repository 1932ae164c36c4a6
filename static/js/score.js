// The total of a score sheet while somebody fills it in; the server counts for itself.
(() => {
  function reckon(form) {
    const said = form.querySelector("[data-total]");
    let full = 0;
    let had = 0;
    let missing = false;
    for (const field of form.querySelectorAll("input[name^=points_]")) {
      const leave = form.elements[`leave_${field.name.slice("points_".length)}`];
      field.disabled = leave.checked;
      if (leave.checked) continue;
      full += Number(field.max);
      had += Number(field.value);
      missing ||= field.value === "";
    }
    const isOut = Boolean(form.querySelector("[data-knocks-out]:checked"));
    const total = full ? Math.floor((200 * had + full) / (2 * full)) : 0;
    const words = isOut ? said.dataset.out : said.dataset.words.replace("{total}", total);
    said.textContent = missing && !isOut ? "" : words;
  }

  for (const form of document.querySelectorAll("form[data-score]")) {
    form.addEventListener("input", () => reckon(form));
    form.querySelector("[data-full]")?.addEventListener("click", () => {
      for (const field of form.querySelectorAll("input[name^=points_]:enabled")) {
        if (field.value === "") field.value = field.max;
      }
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    reckon(form);
  }
})();
