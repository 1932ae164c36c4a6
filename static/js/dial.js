// The caller's telephone: the sound of what is going on, once for each thing that goes on.
(() => {
  const player = new Audio();
  let playing = "";

  function listen() {
    const sound = document.getElementById("telephone")?.dataset.sound ?? "";
    if (sound === playing) return;
    playing = sound;
    player.pause();
    if (!sound) return;
    player.src = sound;
    player.loop = !sound.endsWith("beep.wav");
    // Browsers refuse sound before the first click on a page; the words are there all the same.
    player.play().catch(() => {});
  }

  document.body.addEventListener("htmx:afterSwap", listen);
  listen();
})();
