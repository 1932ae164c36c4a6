// A link to a wall carries its token behind the #, where no server and no log sees it. It is posted,
// and gone from the address line before that.
(() => {
  const token = decodeURIComponent(location.hash.slice(1));
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = token;
  if (!document.querySelector(".hy-error")) document.getElementById("wall-door").requestSubmit();
})();
