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
// The first mistake is in sight when a picture of a wide sheet comes up.
const showFirst = () => {
  const cell = document.querySelector(".sheet td.error, .sheet td.warning");
  if (!cell || location.hash) return;
  const region = cell.closest(".wide");
  region.scrollLeft = Math.max(cell.offsetLeft + cell.offsetWidth - region.clientWidth, 0);
};
showFirst();
document.body.addEventListener("htmx:afterSettle", showFirst);
