"use strict";
// Dropping a file anywhere on the upload form chooses it.
for (const form of document.querySelectorAll("[data-drop]")) {
  const input = form.querySelector("input[type=file]");
  const over = (on) => (event) => { event.preventDefault(); form.classList.toggle("over", on); };
  form.addEventListener("dragover", over(true));
  form.addEventListener("dragleave", over(false));
  form.addEventListener("drop", (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length === 1) { input.files = event.dataTransfer.files; form.requestSubmit(); }
  });
  form.addEventListener("submit", () => form.classList.add("busy"));
}
// What went wrong with a part of a page stands where the part would be.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && event.detail.xhr.status < 500) { event.detail.shouldSwap = true; event.detail.isError = false; }
});
