() => {
  // Where a browser has no camera, or shows it to pages with HTTPS alone, there is none to offer.
  document.documentElement.classList.toggle("no-camera", !navigator.mediaDevices?.getUserMedia);

  // A tap on an image, or on the arrow below it, chooses another one; the old one stays until there is one.
  // In the capture phase: the arrow alone would empty the box, and ask for nothing.
  document.addEventListener("click", event => {
    const box = event.target.closest?.("#content, #style");
    const arrow = event.target.closest?.("button:is([aria-label='Upload file'], [data-label='Upload file'])");
    const files = box?.querySelector(".image-frame") && box.querySelector("input[type=file]");
    if (!files || !(arrow || event.target.closest(".image-frame"))) return;
    if (arrow) event.stopImmediatePropagation();
    files.click();
  }, true);

  // What takes long is asked about once. In the capture phase, before the button hears of it.
  document.addEventListener("click", event => {
    const line = document.querySelector("#time [data-question]");
    if (!line || line.dataset.asked || !event.target.closest?.("#paint-go")) return;
    line.dataset.asked = "yes";
    line.textContent = line.dataset.question;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
}
