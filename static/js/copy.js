/* Copies the words of an element without its links, and says that it has. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const words = document.getElementById(button.dataset.copy).innerText.trim();
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    // Without https there is no clipboard for scripts: select, and let the browser copy.
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
    document.execCommand("copy");
    getSelection().removeAllRanges();
  }
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 2000);
});
