// The live board, on the supervisor's page and on a wall: how long somebody waits, by the second and
// by the server's clock, and as of when all this is true. What may be old never looks as if it were new.
(() => {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const { body } = document;
  const OLD = 45; // seconds; the board is asked for every 20, whatever happens
  const GRACE = 5; // the browser has found the stream again by then, or there is none
  const DAY = 86400;
  const AFRESH = 6 * 3600; // a wall stands for months: it fetches a new edition of itself
  const shownAt = performance.now();
  let asOf = null; // {instant, time, at, date}: what the server said, and when we heard it
  let lostAt = null;

  function note(stamp) {
    const [instant, time] = stamp.split(" ");
    asOf = { instant: Number(instant), time, at: performance.now(), date: Date.now() };
  }

  // Whichever says more: one clock stands still while the machine sleeps, the other can be set.
  const age = () => Math.max(performance.now() - asOf.at, Date.now() - asOf.date) / 1000;

  function isLost() {
    if (body.dataset.line !== "lost") lostAt = null;
    else lostAt ??= performance.now();
    return lostAt !== null && performance.now() - lostAt > GRACE * 1000;
  }

  let last = "live";
  function stateNow() {
    const { line } = body.dataset;
    if (line === "over") return "over";
    if (isLost() || age() > OLD) return "old";
    if (line !== "lost") last = line === "poll" ? "asking" : "live";
    return last;
  }

  const two = (number) => String(number).padStart(2, "0");
  function stopwatch(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const hours = Math.floor(whole / 3600);
    const rest = `${Math.floor(whole / 60) % 60}:${two(whole % 60)}`;
    return hours ? `${hours}:${rest.padStart(5, "0")}` : rest;
  }

  function clockFace(seconds) {
    const [hour, minute, second] = asOf.time.split(":").map(Number);
    const now = Math.floor(hour * 3600 + minute * 60 + second + seconds) % DAY;
    return `${two(Math.floor(now / 3600))}:${two(Math.floor(now / 60) % 60)}`;
  }

  function show() {
    const state = stateNow();
    if (body.dataset.board !== state) body.dataset.board = state;
    const gone = state === "old" ? 0 : age(); // nobody knows whether the call still waits
    for (const one of document.querySelectorAll("[data-waits]")) {
      one.textContent = stopwatch(asOf.instant + gone - Number(one.dataset.waits));
    }
    for (const one of document.querySelectorAll("[data-board-time]")) one.textContent = asOf.time;
    for (const one of document.querySelectorAll("[data-board-clock]")) one.textContent = clockFace(age());
    for (const one of document.querySelectorAll("[data-board-state]")) {
      one.hidden = !one.dataset.boardState.split(" ").includes(state);
    }
    if (state === "over") board.replaceChildren();
    if (board.dataset.board === "wall" && state === "live" && performance.now() - shownAt > AFRESH * 1000) {
      location.reload();
    }
  }

  body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
    if (target !== board) return;
    const said = detail.xhr.getResponseHeader("Huiyin-As-Of");
    if (detail.successful && said) note(said);
    if (detail.xhr.status === 401) body.dataset.line = "over";
    show();
  });
  // The stream broke off: the server tells at once whether it still knows us.
  body.addEventListener("huiyin:lost", () => htmx.trigger(board, "huiyin:stale"));

  note(board.dataset.stamp);
  show();
  setInterval(show, 250);
})();
