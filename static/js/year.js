// The year at a glance: one stop for the Tab key, and the arrow keys from day to day.
(() => {
  const grid = document.querySelector("[data-year-grid]");
  if (!grid) return;
  const days = [...grid.querySelectorAll("a.hy-day")];
  const dateOf = (day) => new Date(`${day.id.slice(2)}T00:00:00Z`);
  const first = grid.querySelector("[aria-current]") ?? grid.querySelector(".hy-day-today") ?? days[0];
  for (const day of days) day.tabIndex = day === first ? 0 : -1;

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const MONTHS = { PageUp: -1, PageDown: 1 };

  // The date that a key leads to; in a shorter month its last day.
  function target(from, key) {
    const date = dateOf(from);
    if (key in STEPS) date.setUTCDate(date.getUTCDate() + STEPS[key]);
    else if (key in MONTHS) {
      const day = date.getUTCDate();
      date.setUTCDate(1);
      date.setUTCMonth(date.getUTCMonth() + MONTHS[key] + 1, 0);
      date.setUTCDate(Math.min(day, date.getUTCDate()));
    } else if (key === "Home") date.setUTCDate(1);
    else if (key === "End") date.setUTCMonth(date.getUTCMonth() + 1, 0);
    else return null;
    return document.getElementById(`d-${date.toISOString().slice(0, 10)}`);
  }

  const stopAt = (day) => {
    for (const one of days) one.tabIndex = one === day ? 0 : -1;
  };
  grid.addEventListener("keydown", (event) => {
    const from = event.target.closest("a.hy-day");
    if (!from || event.ctrlKey || event.altKey || event.metaKey) return;
    const day = target(from, event.key);
    if (!day) return;
    event.preventDefault();
    stopAt(day);
    day.focus();
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "day") document.getElementById("day-title").focus();
  });
  grid.addEventListener("click", (event) => {
    const day = event.target.closest("a.hy-day");
    if (!day) return;
    grid.querySelector("[aria-current]")?.removeAttribute("aria-current");
    day.setAttribute("aria-current", "date");
    stopAt(day);
  });
})();
